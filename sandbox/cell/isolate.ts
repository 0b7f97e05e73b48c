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

  constructor(heapMiB: number) {
    this.#isolate = new Isolate({ memoryLimit: heapMiB })
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

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose()
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
const DETAIL_CHARS = 256
const NO_TEXT = 'the guest returned no text'
