import { Worker } from 'node:worker_threads'
import type { CapabilityErrorCode } from '../../sdk/powers.ts'
import { EXCHANGE_HEAP_MIB, EXCHANGE_THREADS } from '../../limits.ts'
import type { Answer, Exchange } from './exchange.ts'
import { Refusal } from './power.ts'

/** What a thread is told; exchanges have numbers. */
export type ToThread = { readonly id: number; readonly asked: Exchange } | { readonly id: number }

/** What a thread tells; without more, the number 0: it is there. */
export type FromThread =
  | { readonly id: number; readonly answer: Answer }
  | {
      readonly id: number
      readonly refused: { readonly code: CapabilityErrorCode; readonly message: string }
    }
  | { readonly id: number; readonly broke: unknown }
  | { readonly id: number }

/**
 * Speaks to hosts from threads of its own. A host chooses its certificates, and a chain of huge keys takes
 * half a second to look at, however little it is to be trusted: the broker's loop must not wait so long.
 *
 * A tenant has the same thread each time, so that one whose hosts do that is slow for few others.
 */
export class ExchangeThreads {
  readonly #places: readonly Place[] = Array.from({ length: EXCHANGE_THREADS }, () => new Place())

  /** Starts the tenant's thread, if it does not run yet; it ends when all who have opened it are gone. */
  open(tenant: string): Speaker {
    let at = 0
    for (const letter of tenant) at = (at * 31 + (letter.codePointAt(0) ?? 0)) % EXCHANGE_THREADS
    return new Speaker(this.#places[at] ?? new Place())
  }
}

/** A tenant's way to speak to hosts. */
export class Speaker {
  readonly #place: Place
  /** Resolves when the thread can be used. */
  readonly ready: Promise<void>
  #isClosed = false

  constructor(place: Place) {
    this.#place = place
    place.users += 1
    this.ready = place.thread.ready
  }

  /** @throws Refusal the host's, or the thread's end. */
  exchange(asked: Exchange, ended: AbortSignal): Promise<Answer> {
    return this.#place.thread.exchange(asked, ended)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#place.leave()
  }
}

/** Where a thread runs while somebody uses it, and another one after it if it ends by itself. */
class Place {
  users = 0
  #thread: ExchangeThread | undefined

  get thread(): ExchangeThread {
    if (this.#thread?.isOver !== false) this.#thread = new ExchangeThread()
    return this.#thread
  }

  leave(): void {
    this.users -= 1
    if (this.users > 0) return
    this.#thread?.end()
    this.#thread = undefined
  }
}

class ExchangeThread {
  readonly ready: Promise<void>
  isOver = false
  readonly #worker: Worker
  readonly #asked: Map<number, PromiseWithResolvers<Answer>> = new Map()
  #nextId = 0

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.ready = promise
    this.#worker = new Worker(PROGRAM, {
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: EXCHANGE_HEAP_MIB },
    })
    this.#worker.on('message', (message: FromThread) => {
      if (message.id !== 0) return this.#hear(message)
      this.#letGo()
      resolve()
    })
    const over = (): void => {
      this.isOver = true
      for (const { reject } of this.#asked.values())
        reject(new Refusal('unavailable', 'what fetches has ended'))
      this.#asked.clear()
      resolve()
    }
    // it ends after an error, and the next fetch starts another one
    this.#worker.on('error', over).on('exit', over)
  }

  end(): void {
    this.isOver = true
    // how it ends is told by `exit`
    void this.#worker.terminate()
  }

  async exchange(asked: Exchange, ended: AbortSignal): Promise<Answer> {
    ended.throwIfAborted()
    this.#nextId += 1
    const id = this.#nextId
    const answer = Promise.withResolvers<Answer>()
    this.#asked.set(id, answer)
    const cancel = (): void => this.#worker.postMessage({ id } satisfies ToThread)
    ended.addEventListener('abort', cancel, { once: true })
    this.#worker.ref()
    try {
      this.#worker.postMessage({ id, asked } satisfies ToThread)
      return await answer.promise
    } finally {
      ended.removeEventListener('abort', cancel)
      this.#asked.delete(id)
      this.#letGo()
    }
  }

  /** It does not hold a process that waits for nothing. */
  #letGo(): void {
    if (this.#asked.size === 0) this.#worker.unref()
  }

  #hear(message: FromThread): void {
    const waiting = this.#asked.get(message.id)
    if ('answer' in message) waiting?.resolve(message.answer)
    else if ('refused' in message) waiting?.reject(new Refusal(message.refused.code, message.refused.message))
    else if ('broke' in message) waiting?.reject(message.broke)
  }
}

const PROGRAM = new URL('./exchange-thread.ts', import.meta.url)
