import { mkdir } from 'node:fs/promises'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { BulkheadError, messageOf } from '../../base/errors.ts'
import { Histogram } from '../../base/histogram.ts'
import { BATCH_OPERATIONS, COMMIT_SECONDS, STORE } from '../../base/limits.ts'
import type { StoredDocument, WritingCounts } from '../engine.ts'
import type { Answer, AnswerValue, FromThread, RetainedRow, StoredRow, ToThread } from './answers.ts'
import type { Durability } from './open-store.ts'
import { Operation, OperationWriter } from './operations.ts'
import type { StoreThreadData } from './store-thread.ts'
import { unpacked } from './stored-rows.ts'

const PROGRAM = new URL(`./store-thread${extname(import.meta.url)}`, import.meta.url)

type Restored = Extract<FromThread, { readonly kind: 'restored' | 'tenants' }>

/** What is read when a store is opened, and what becomes of what is written. */
export interface StoreSink {
  /** What the broker keeps of its tenants; before all sessions. */
  tenants(documents: readonly StoredDocument[]): void
  session(row: StoredRow): void
  retained(row: RetainedRow): void
  /** Every batch up to {@link Store.lastSafe} is safe. */
  settled(): void
  /** The disk does not take what it is given; null: it does again. */
  troubled(why: string | null): void
  /** Nothing is written any more. */
  lost(why: string): void
}

/** What can be asked twice. */
const READS: ReadonlySet<number> = new Set([
  Operation.readAudit,
  Operation.readQueue,
  Operation.kvGet,
  Operation.kvList,
  Operation.kvUsed,
  Operation.documentGet,
  Operation.documentList,
  Operation.blobGet,
])

const STUCK = 'the disk takes nothing, and too much waits for it: try again when it does'

interface Asked {
  readonly operation: number
  readonly write: (to: OperationWriter) => unknown
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
  readonly counts: WritingCounts = {
    commitSeconds: new Histogram(COMMIT_SECONDS),
    batchOperations: new Histogram(BATCH_OPERATIONS),
  }
  readonly #data: StoreThreadData
  readonly #sink: StoreSink
  #thread: Worker | null = null
  #gathering: OperationWriter = new OperationWriter(STORE.batchBytes)
  #number = 1
  #isOpen = false
  #underWay = false
  #underWayBytes = 0
  /** Since when, on the monotonic clock in ms. */
  #underWaySince = 0
  #scheduled = false
  #operations = 0
  #operationsUnderWay = 0
  readonly #asked = new Map<number, Asked>()
  #lastAsk = 0
  #lastAskUnderWay = 0
  /** Why nobody is answered any more. */
  #ended: BulkheadError | null = null
  #closing: (() => void) | null = null
  /** What keeps the disk from taking anything; null: it takes it. */
  #troubles: string | null = null
  #sentAt = 0
  #watch: NodeJS.Timeout | null = null

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
        this.#watch = setInterval(() => this.#look(), STORE.retryMs).unref()
        this.#send()
        resolve()
      } else if (said.kind === 'restored' || said.kind === 'tenants') this.#restore(said, reject)
      else if (said.kind === 'refused') reject(new BulkheadError(said.code, said.why))
      else this.#hear(said)
    })
    const lost = (why: string): void => {
      reject(new BulkheadError('ERR_STORE', `the storage thread has ended: ${why}`))
      if (this.#isOpen) this.#lost(why)
    }
    thread.on('error', (error) => lost(messageOf(error)))
    thread.on('exit', (code) => lost(`exit code ${code}`))
    try {
      await promise
    } catch (error) {
      this.#thread = null
      // the folder is free when it is known that this broker does not use it
      await thread.terminate()
      throw error
    }
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

  /** Makes another operation of one that the gathering batch holds. */
  replace(at: number, operation: number): void {
    this.#gathering.replace(at, operation)
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

  /** The disk takes nothing, and as much waits for it as may. */
  get stuck(): boolean {
    return (this.#troubles !== null || this.#ended !== null) && this.congested
  }

  /**
   * Writes an operation that is answered, when its batch is safe.
   *
   * @param write writes what the operation is given; perhaps once more, after a failure of the disk.
   * @throws BulkheadError ERR_STORE when the store is closed, lost or {@link stuck}, or what became of a
   * write is not known.
   */
  async ask(operation: number, write: (to: OperationWriter) => unknown): Promise<AnswerValue> {
    if (this.#ended !== null) throw this.#ended
    // who drains a queue has nobody to tell, and asks once a session
    if (this.stuck && operation !== Operation.readQueue) throw new BulkheadError('ERR_STORE', STUCK)
    this.#lastAsk += 1
    const { promise, resolve, reject } = Promise.withResolvers<AnswerValue>()
    this.#ask(this.#lastAsk, { operation, write, resolve, reject })
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
    this.#end('the store is closed')
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
    this.#underWaySince = performance.now()
    this.#operationsUnderWay = this.#operations
    this.#lastAskUnderWay = this.#lastAsk
    this.#gathering = new OperationWriter(STORE.batchBytes)
    this.#operations = 0
    this.#number += 1
    this.#sentAt = performance.now()
    const batch = { number, bytes }
    thread.postMessage({ kind: 'batch', batch } satisfies ToThread, [bytes.buffer as ArrayBuffer])
  }

  #ask(ask: number, asked: Asked): void {
    this.#asked.set(ask, asked)
    asked.write(this.begin().u8(asked.operation).number(ask))
  }

  /** @param reject is told where the sink cannot read what it is given. */
  #restore(said: Restored, reject: (error: BulkheadError) => void): void {
    try {
      if (said.kind === 'tenants') return this.#sink.tenants(said.documents)
      const { sessions, retained } = said
      for (const row of sessions) this.#sink.session(row)
      if (retained !== null) for (const row of unpacked(retained)) this.#sink.retained(row)
    } catch (cause) {
      if (cause instanceof BulkheadError) return reject(cause)
      const message = `the store in ${this.#data.folder} holds what cannot be read: ${messageOf(cause)}`
      reject(new BulkheadError('ERR_STORE', message, { cause }))
    }
  }

  #hear(said: Exclude<FromThread, { readonly kind: 'ready' | 'refused' | 'restored' | 'tenants' }>): void {
    switch (said.kind) {
      case 'committed':
        return this.#committed(said.number, said.answers)
      case 'failed':
        return this.#trouble(said.why)
      case 'mended':
        return this.#trouble(null)
      case 'broken':
        return this.#lost(said.why)
      case 'closed':
        this.#thread = null
        this.#closing?.()
        return
    }
  }

  /** What is tried again and again is told when it ends otherwise than before. */
  #trouble(why: string | null): void {
    if (this.#troubles === why) return
    this.#troubles = why
    this.#sink.troubled(why)
  }

  /** A disk that does not answer fails nobody. */
  #look(): void {
    const ms = performance.now() - this.#sentAt
    if (!this.#underWay || ms < STORE.slowMs || this.#troubles !== null) return
    const since = `the disk has not answered for ${Math.floor(ms / 1000)} s`
    this.#trouble(`${this.#data.folder}: ${since}; see whether it hangs, and what else keeps it busy`)
  }

  #committed(number: number, answers: readonly Answer[] | null): void {
    this.lastSafe = number
    this.counts.commitSeconds.observe((performance.now() - this.#underWaySince) / 1000)
    this.counts.batchOperations.observe(this.#operationsUnderWay)
    this.#underWay = false
    this.#underWayBytes = 0
    this.#operationsUnderWay = 0
    this.#trouble(null)
    const lastAsk = this.#lastAskUnderWay
    // the disk works on while what it has taken is acknowledged
    this.#send()
    this.#sink.settled()
    if (answers === null) return this.#askAgain(lastAsk)
    for (const { ask, value } of answers) {
      this.#asked.get(ask)?.resolve(value)
      this.#asked.delete(ask)
    }
  }

  /** The answers of a batch are not known: who only reads asks once more. */
  #askAgain(lastAsk: number): void {
    for (const [ask, asked] of this.#asked) {
      if (ask > lastAsk) continue
      if (READS.has(asked.operation)) this.#ask(ask, asked)
      else {
        this.#asked.delete(ask)
        asked.reject(new BulkheadError('ERR_STORE', 'the disk failed: whether this was written is not known'))
      }
    }
  }

  /** Nothing is acknowledged any more; who asked is told. */
  #lost(why: string): void {
    if (this.#thread === null) return
    this.#thread = null
    this.#end(`the storage thread has ended: ${why}`)
    this.#sink.lost(why)
    this.#closing?.()
  }

  #end(why: string): void {
    if (this.#watch !== null) clearInterval(this.#watch)
    const error = new BulkheadError('ERR_STORE', why)
    this.#ended = error
    for (const asked of this.#asked.values()) asked.reject(error)
    this.#asked.clear()
  }
}
