import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../base/errors.ts'
import { DOCUMENTS_OF_A_KIND, STORE } from '../../base/limits.ts'
import type { Batch, FromThread, ToThread } from './answers.ts'
import { diskFault, isFaultOfBatch } from './disk-fault.ts'
import type { Durability } from './open-store.ts'
import { StoreFolder } from './store-folder.ts'

/** What the thread is started with. */
export interface StoreThreadData {
  readonly folder: string
  readonly durability: Durability
}

/**
 * The storage thread: the only one that touches the files. It does one batch after the other, each in one
 * transaction; what it cannot do, it tries again with the database opened anew, since nothing else may be
 * done meanwhile.
 */
class StorageThread {
  readonly #data: StoreThreadData
  /** Null: nothing of the folder is open, so that its disk can be taken out and mended. */
  #folder: StoreFolder | null
  /** Under way, until the disk has it. */
  #batch: Batch | null = null
  /** The last that the disk has. */
  #lastBatch = 0
  #watch: NodeJS.Timeout | null = null
  #idle: NodeJS.Timeout | null = null

  /** @throws BulkheadError ERR_STORE */
  constructor(data: StoreThreadData) {
    this.#data = data
    this.#folder = new StoreFolder(data.folder, data.durability)
  }

  /** Tells all that is stored, some at a time. */
  restore(): void {
    const { sessions, documents, lastBatch } = this.#opened().tables
    say({ kind: 'tenants', documents: documents.list('', 'tenant', '', DOCUMENTS_OF_A_KIND) })
    for (const some of chunksOf(sessions.sessions(STORE.windowMessages))) {
      say({ kind: 'restored', sessions: some, retained: null })
    }
    for (const some of sessions.retained()) {
      say({ kind: 'restored', sessions: [], retained: some }, [some.bodies.buffer as ArrayBuffer])
    }
    this.#lastBatch = lastBatch
    this.#watch = setInterval(() => this.#look(), STORE.retryMs)
    say({ kind: 'ready', lastBatch, lastMid: sessions.lastMid })
  }

  commit(batch: Batch): void {
    this.#batch = batch
    try {
      const answers = this.#opened().commit(batch)
      this.#batch = null
      this.#lastBatch = batch.number
      say({ kind: 'committed', number: batch.number, answers })
      this.#restWhenIdle()
    } catch (error) {
      this.#closeFolder()
      if (isFaultOfBatch(error)) return this.#break(error)
      this.#fail(error)
    }
  }

  close(): void {
    if (this.#watch !== null) clearInterval(this.#watch)
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#closeFolder()
    say({ kind: 'closed' })
  }

  /** Who writes finds out what is wrong; while nobody does, somebody is to look. */
  #look(): void {
    if (this.#batch !== null) return this.commit(this.#batch)
    try {
      if (this.#folder !== null) return this.#folder.requireInPlace()
      this.#opened().tables.requireLast(this.#lastBatch)
      say({ kind: 'mended' })
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#closeFolder()
    say({ kind: 'failed', why: diskFault(this.#data.folder, error) })
  }

  /** What comes after it may rest on it: nothing is done any more. */
  #break(error: unknown): void {
    say({ kind: 'broken', why: `what was to be written cannot be: ${messageOf(error)}` })
    this.close()
    parentPort?.close()
  }

  /** Whatever was wrong with the disk: what is opened anew knows how it stands now. */
  #opened(): StoreFolder {
    this.#folder ??= StoreFolder.again(this.#data.folder, this.#data.durability)
    return this.#folder
  }

  #closeFolder(): void {
    this.#folder?.close()
    this.#folder = null
  }

  /** The log goes over into the database while nobody waits. */
  #restWhenIdle(): void {
    this.#idle ??= setTimeout(() => {
      this.#idle = null
      try {
        this.#folder?.checkpoint()
      } catch {
        // nothing is lost: it is in the log still, and the next batch finds out how the disk is
      }
    }, STORE.idleMs)
    this.#idle.refresh()
  }
}

function* chunksOf<Row>(rows: Iterable<Row>): Generator<Row[]> {
  let chunk: Row[] = []
  for (const row of rows) {
    chunk.push(row)
    if (chunk.length < STORE.restoredAtOnce) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

function say(said: FromThread, handedOver: ArrayBuffer[] = []): void {
  parentPort?.postMessage(said, handedOver)
}

function start(): void {
  try {
    const thread = new StorageThread(workerData as StoreThreadData)
    parentPort?.on('message', (told: ToThread) => {
      if (told.kind === 'batch') return thread.commit(told.batch)
      thread.close()
      parentPort?.close()
    })
    thread.restore()
  } catch (error) {
    say({ kind: 'refused', code: 'ERR_STORE', why: messageOf(error) })
    parentPort?.close()
  }
}

start()
