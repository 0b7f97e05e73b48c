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
  readonly #threads: (ExchangeThread | undefined)[] = []

  /** Starts the tenant's thread, if it does not run yet. Resolves when it can be used. */
  ready(tenant: string): Promise<void> {
    return this.#threadOf(tenant).ready
  }

  /** @throws Refusal the host's, or the thread's end. */
  exchange(tenant: string, asked: Exchange, ended: AbortSignal): Promise<Answer> {
    return this.#threadOf(tenant).exchange(asked, ended)
  }

  #threadOf(tenant: string): ExchangeThread {
    let place = 0
    for (const letter of tenant) place = (place * 31 + (letter.codePointAt(0) ?? 0)) % EXCHANGE_THREADS
    const running = this.#threads[place]
    if (running?.isOver === false) return running
    const thread = new ExchangeThread()
    this.#threads[place] = thread
    return thread
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
