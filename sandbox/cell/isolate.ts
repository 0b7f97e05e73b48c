import { setFlagsFromString } from 'node:v8'
import type * as IsolatedVm from 'isolated-vm'
import type { Crossing, OneIsolate } from './cell.ts'

/** Filled in when the cell's program is bundled: the guest's program, and where the addon's binary is. */
declare const GUEST_PROGRAM: string
declare const ADDON_PATH: string

/** This is the only place that loads isolated-vm: by its binary, since `require` would want to read files. */
const addon: { exports: { ivm?: typeof IsolatedVm } } = { exports: {} }
process.dlopen(addon, ADDON_PATH)
const { Isolate } = addon.exports.ivm as typeof IsolatedVm

type Enter = (operation: number, text: string) => string

/**
 * One plugin's isolate. `applySync` only: with a promise of isolated-vm's, or without a time limit, a plugin
 * could hang the thread for ever. `onCatastrophicError` stays unset, so that out of memory ends the process
 * at once.
 */
export class PluginIsolate implements OneIsolate {
  readonly #isolate: IsolatedVm.Isolate
  readonly #enter: IsolatedVm.Reference<Enter>
  readonly #heapBytes: number
  /** From here on what is in use may be live; below it there is no need to know. */
  #collectFrom = 0
  /** V8's own `gc`, once it was needed. */
  #collect: IsolatedVm.Reference<() => void> | undefined

  constructor(heapMiB: number) {
    this.#isolate = new Isolate({ memoryLimit: heapMiB })
    this.#heapBytes = heapMiB * 2 ** 20
    const context = this.#isolate.createContextSync()
    const boot = this.#isolate.compileScriptSync(GUEST_PROGRAM, { filename: 'host:boot' })
    this.#enter = boot.runSync(context, { reference: true, timeout: BOOT_MS }) as IsolatedVm.Reference<Enter>
  }

  /** @param limitMs an integer from 1: 0 would mean no limit at all. */
  enter(operation: number, text: string, limitMs: number): Crossing {
    try {
      const answer: unknown = this.#enter.applySync(undefined, [operation, text], { timeout: limitMs })
      return typeof answer === 'string'
        ? { outcome: 'done', text: answer }
        : { outcome: 'threw', text: NO_TEXT }
    } catch (thrown) {
      return this.#failed(thrown)
    }
  }

  isFull(share: number): boolean {
    const most = share * this.#heapBytes
    try {
      if (this.#usedBytes() <= Math.max(most, this.#collectFrom)) return false
      // what is used is garbage, too, until somebody looks
      this.#collect ??= this.#newCollector()
      this.#collect.applySync(undefined, [], { timeout: COLLECT_MS })
      const liveBytes = this.#usedBytes()
      // looking is dear: the next time is when half of what is left above the mark was filled since
      this.#collectFrom = liveBytes + (this.#heapBytes - most) / 2
      return liveBytes > most
    } catch {
      // it met its limit meanwhile: there is nothing fuller
      return true
    }
  }

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose()
  }

  #usedBytes(): number {
    const { used_heap_size: inside, externally_allocated_size: outside } =
      this.#isolate.getHeapStatisticsSync()
    return inside + outside
  }

  /** The flag is read when a context is made: `gc` is in one of its own, which no plugin enters. */
  #newCollector(): IsolatedVm.Reference<() => void> {
    setFlagsFromString('--expose-gc')
    const context = this.#isolate.createContextSync()
    setFlagsFromString('--no-expose-gc')
    const script = this.#isolate.compileScriptSync('gc', { filename: 'host:gc' })
    return script.runSync(context, { reference: true, timeout: BOOT_MS }) as IsolatedVm.Reference<() => void>
  }

  #failed(thrown: unknown): Crossing {
    const text =
      thrown instanceof Error ? thrown.message.slice(0, DETAIL_CHARS) : String(thrown).slice(0, DETAIL_CHARS)
    if (this.#isolate.isDisposed) return { outcome: 'memory', text: '' }
    if (text === 'Script execution timed out.') return { outcome: 'timeout', text: '' }
    // the guest catches what plugins throw: what arrives here is a rejection that nobody handled
    return { outcome: 'threw', text: `unhandled rejection: ${text}` }
  }
}

/** Ours alone runs in it; a limit all the same, since none would be for ever. */
const BOOT_MS = 1000
/** For what follows it: the collection itself cannot be interrupted, and is as long as the heap is large. */
const COLLECT_MS = 1000
const DETAIL_CHARS = 256
const NO_TEXT = 'the guest returned no text'
