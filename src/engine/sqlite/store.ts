import { mkdir } from 'node:fs/promises'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { BulkheadError, messageOf } from '../../base/errors.ts'
import { STORE } from '../../base/limits.ts'
import type { AnswerValue, FromThread, RetainedRow, StoredRow, ToThread } from './answers.ts'
import type { Durability } from './open-store.ts'
import { OperationWriter } from './operations.ts'
import type { StoreThreadData } from './store-thread.ts'

const PROGRAM = new URL(`./store-thread${extname(import.meta.url)}`, import.meta.url)

/** What is read when a store is opened, and what becomes of what is written. */
export interface StoreSink {
  session(row: StoredRow): void
  retained(row: RetainedRow): void
  /** Every batch up to {@link Store.lastSafe} is safe. */
  settled(): void
  /** The disk does not take what it is given; null: it does again. */
  troubled(why: string | null): void
}

interface Asked {
  resolve(value: AnswerValue): void
  reject(error: Error): void
}

/**
 * The broker's side of the storage thread. What one turn of the event loop writes goes into one batch; while
 * a batch is being committed the next one gathers, so that batches grow with the load by themselves, and
 * nobody waits for a clock.
 */
export class Store {
  /** The highest number of a stored message's body. */
  lastMid = 0
  /** The last batch that is safe. */
  lastSafe = 0
  /** How many operations were written since the start. */
  written = 0
  readonly #data: StoreThreadData
  readonly #sink: StoreSink
  #thread: Worker | null = null
  #gathering: OperationWriter = new OperationWriter(STORE.batchBytes)
  #number = 1
  #isOpen = false
  #underWay = false
  #underWayBytes = 0
  #scheduled = false
  #operations = 0
  #operationsUnderWay = 0
  readonly #asked = new Map<number, Asked>()
  #lastAsk = 0
  #closing: (() => void) | null = null
  #isTroubled = false

  constructor(folder: string, durability: Durability, sink: StoreSink) {
    this.#data = { folder, durability }
    this.#sink = sink
  }

  /**
   * Starts the thread and reads what is there.
   *
   * @throws BulkheadError ERR_STORE
   */
  async open(): Promise<void> {
    const { folder } = this.#data
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw new BulkheadError('ERR_STORE', `no data folder at ${folder}: ${messageOf(cause)}`, { cause })
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const thread = new Worker(PROGRAM, { workerData: this.#data, execArgv: [], env: {} })
    this.#thread = thread
    thread.on('message', (said: FromThread) => {
      if (said.kind === 'ready') {
        this.#number = said.lastBatch + 1
        this.lastSafe = said.lastBatch
        this.lastMid = said.lastMid
        this.#isOpen = true
        this.#send()
        resolve()
      } else if (said.kind === 'refused') reject(new BulkheadError(said.code, said.why))
      else this.#hear(said)
    })
    const lost = (why: string): void => {
      reject(new BulkheadError('ERR_STORE', `the storage thread has ended: ${why}`))
      this.#lost(why)
    }
    thread.on('error', (error) => lost(messageOf(error)))
    thread.on('exit', (code) => lost(`exit code ${code}`))
    await promise
  }

  /** Where the next operation is to be written, whole and at once. */
  begin(): OperationWriter {
    this.#operations += 1
    this.written += 1
    if (!this.#scheduled && !this.#underWay) {
      this.#scheduled = true
      setImmediate(this.#flush)
    }
    return this.#gathering
  }

  /** The number of the batch that gathers. */
  get gathering(): number {
    return this.#number
  }

  /** The batch that holds the last operation. */
  get lastWritten(): number {
    return this.#operations > 0 ? this.#number : this.#number - 1
  }

  /** Whether more waits to be written than should: who can be held is to be held. */
  get congested(): boolean {
    return (
      this.#gathering.length + this.#underWayBytes > STORE.pendingBytes ||
      this.#operations + this.#operationsUnderWay > STORE.pendingOperations
    )
  }

  /**
   * Writes an operation that is answered, when its batch is safe.
   *
   * @param write gets the number that the answer will bear, to be written right behind the operation's.
   */
  ask(operation: number, write: (to: OperationWriter) => unknown): Promise<AnswerValue> {
    this.#lastAsk += 1
    const ask = this.#lastAsk
    const { promise, resolve, reject } = Promise.withResolvers<AnswerValue>()
    this.#asked.set(ask, { resolve, reject })
    write(this.begin().u8(operation).u32(ask))
    return promise
  }

  /** Writes what is left, and closes the files. */
  async close(): Promise<void> {
    const thread = this.#thread
    if (thread === null) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#closing = resolve
    if (!this.#underWay) this.#send()
    // a disk that takes nothing keeps nobody from stopping: what it has not taken was not acknowledged
    const stop = setTimeout(resolve, STORE.closeMs)
    await promise
    clearTimeout(stop)
    this.#thread = null
    await thread.terminate()
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    if (!this.#underWay) this.#send()
  }

  #send(): void {
    const thread = this.#thread
    if (thread === null || !this.#isOpen) return
    if (this.#operations === 0) {
      if (this.#closing !== null) thread.postMessage({ kind: 'close' } satisfies ToThread)
      return
    }
    const { bytes } = this.#gathering
    const number = this.#number
    this.#underWay = true
    this.#underWayBytes = bytes.length
    this.#operationsUnderWay = this.#operations
    this.#gathering = new OperationWriter(STORE.batchBytes)
    this.#operations = 0
    this.#number += 1
    const batch = { number, bytes }
    thread.postMessage({ kind: 'batch', batch } satisfies ToThread, [bytes.buffer as ArrayBuffer])
  }

  #hear(said: Exclude<FromThread, { readonly kind: 'ready' | 'refused' }>): void {
    switch (said.kind) {
      case 'restored':
        for (const row of said.sessions) this.#sink.session(row)
        for (const row of said.retained) this.#sink.retained(row)
        return
      case 'committed':
        this.lastSafe = said.number
        this.#underWay = false
        this.#underWayBytes = 0
        this.#operationsUnderWay = 0
        if (this.#isTroubled) {
          this.#isTroubled = false
          this.#sink.troubled(null)
        }
        // the disk works on while what it has taken is acknowledged
        this.#send()
        this.#sink.settled()
        for (const { ask, value } of said.answers) {
          this.#asked.get(ask)?.resolve(value)
          this.#asked.delete(ask)
        }
        return
      case 'failed':
        if (this.#isTroubled) return
        this.#isTroubled = true
        return this.#sink.troubled(said.why)
      case 'closed':
        this.#thread = null
        this.#closing?.()
        return
    }
  }

  /** Nothing is acknowledged any more; who asked is told. */
  #lost(why: string): void {
    if (this.#thread === null) return
    this.#thread = null
    this.#sink.troubled(`the storage thread has ended: ${why}`)
    const error = new BulkheadError('ERR_STORE', `the storage thread has ended: ${why}`)
    for (const asked of this.#asked.values()) asked.reject(error)
    this.#asked.clear()
    this.#closing?.()
  }
}
