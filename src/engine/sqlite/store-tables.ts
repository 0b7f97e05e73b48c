import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { BulkheadError } from '../../base/errors.ts'
import type { Answer, AnswerValue, Batch } from './answers.ts'
import { AuditTable } from './audit-table.ts'
import { BlobTable } from './blob-table.ts'
import { readChanges } from './document-changes.ts'
import { DocumentTable } from './document-table.ts'
import { KvTables, type KvPlace } from './kv-tables.ts'
import { Operation, OperationReader } from './operations.ts'
import { SessionTables } from './session-tables.ts'

/** Of the fields before its text: session, place, body. */
const ENQUEUE_BYTES = 8 + 8 + 8
const PACKET_ID_BYTES = 4
/** Of all its fields: session, place, packet identifier. */
const LAUNCH_BYTES = 8 + 8 + PACKET_ID_BYTES

/** The tables of one open store, and how batches change them. */
export class StoreTables {
  readonly sessions: SessionTables
  readonly #database: DatabaseSync
  readonly #kv: KvTables
  readonly documents: DocumentTable
  readonly #blobs: BlobTable
  readonly #audit: AuditTable
  readonly #lastBatch: StatementSync
  readonly #putLastBatch: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.sessions = new SessionTables(database)
    this.#kv = new KvTables(database)
    this.documents = new DocumentTable(database)
    this.#blobs = new BlobTable(database)
    this.#audit = new AuditTable(database)
    this.#lastBatch = database.prepare('SELECT number FROM last_batch')
    this.#putLastBatch = database.prepare('UPDATE last_batch SET number = ?')
  }

  /** The number of the last batch that was done; 0: none was. */
  get lastBatch(): number {
    return Number(this.#lastBatch.get()?.['number'] ?? 0)
  }

  /**
   * Does a batch in one transaction, which is safe on the disk when this returns.
   *
   * @returns null: it is done already, as where the disk failed after it had taken it.
   * @throws BulkheadError ERR_STORE where another store lies in the place of the opened one, and what
   * the database throws. Nothing is done then, and these tables know too much: they are to be made anew.
   */
  commit({ number, bytes }: Batch): Answer[] | null {
    const { lastBatch } = this
    if (lastBatch === number) return null
    requireLast(lastBatch, number - 1)
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const answers = this.#apply(new OperationReader(bytes))
      this.sessions.sweep()
      this.#putLastBatch.run(number)
      this.#database.exec('COMMIT')
      return answers
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** @throws BulkheadError ERR_STORE where it is not the store whose last batch had this number. */
  requireLast(number: number): void {
    requireLast(this.lastBatch, number)
  }

  #apply(from: OperationReader): Answer[] {
    const answers: Answer[] = []
    while (from.more) {
      const operation = from.u8()
      if (operation < Operation.audit) this.#change(operation, from)
      else if (operation === Operation.audit) this.#audit.append(from.text(), from.text())
      else answers.push({ ask: from.number(), value: this.#ask(operation, from) })
    }
    return answers
  }

  #change(operation: number, from: OperationReader): void {
    const { sessions } = this
    switch (operation) {
      case Operation.putSession:
        return sessions.putSession(
          from.number(),
          from.text(),
          from.text(),
          from.number(),
          from.text(),
          from.number(),
        )
      case Operation.dropSession:
        return sessions.dropSession(from.number())
      case Operation.expireSession:
        return sessions.expireSession(from.number(), from.number())
      case Operation.putSubscription:
        return sessions.putSubscription(from.number(), from.text(), from.text())
      case Operation.dropSubscription:
        return sessions.dropSubscription(from.number(), from.text())
      case Operation.putMessage:
        return sessions.putMessage(from.number(), from.blob())
      case Operation.enqueue:
        return sessions.enqueue(from.number(), from.number(), from.number(), from.text(), from.u32())
      case Operation.enqueueTakenBack:
        from.skip(ENQUEUE_BYTES)
        return from.skip(from.u32() + PACKET_ID_BYTES)
      case Operation.launch:
        return sessions.launch(from.number(), from.number(), from.u32())
      case Operation.launchTakenBack:
        return from.skip(LAUNCH_BYTES)
      case Operation.change:
        return sessions.change(from.number(), from.number(), from.number(), from.text())
      case Operation.release:
        return sessions.release(from.number(), from.number(), from.number())
      case Operation.dequeue:
        return sessions.dequeue(from.number(), from.number())
      case Operation.receive:
        return sessions.receive(from.number(), from.u32())
      case Operation.forget:
        return sessions.forget(from.number(), from.u32())
      case Operation.putWill:
        return sessions.putWill(from.number(), from.blob(), from.text())
      case Operation.dropWill:
        return sessions.dropWill(from.number())
      case Operation.setRetained:
        return sessions.setRetained(from.text(), from.text(), from.blob())
      case Operation.clearRetained:
        return sessions.clearRetained(from.text(), from.text())
    }
  }

  #forget(tenant: string): void {
    for (const tables of [this.sessions, this.#kv, this.documents, this.#blobs]) tables.dropTenant(tenant)
  }

  #ask(operation: number, from: OperationReader): AnswerValue {
    switch (operation) {
      case Operation.readQueue:
        return this.sessions.readQueue(from.number(), from.number(), from.u32())
      case Operation.readAudit: {
        const one = from.u8() === 1
        const tenant = from.text()
        return this.#audit.read(one ? tenant : undefined, from.u32())
      }
      case Operation.kvGet:
        return this.#kv.get(placeOf(from))
      case Operation.kvSet: {
        const place = placeOf(from)
        const value = from.blob()
        const ifVersion = versionOf(from)
        return this.#kv.set(place, value, ifVersion, {
          pluginBytes: from.number(),
          tenantBytes: from.number(),
        })
      }
      case Operation.kvDelete:
        return this.#kv.delete(placeOf(from), versionOf(from))
      case Operation.kvList: {
        const place = placeOf(from)
        const hasAfter = from.u8() === 1
        const after = from.text()
        return this.#kv.list(place, hasAfter ? after : undefined, from.u32())
      }
      case Operation.kvUsed:
        return this.#kv.used()
      default:
        return this.#askOfManaged(operation, from)
    }
  }

  /** What operators and tenants manage. */
  #askOfManaged(operation: number, from: OperationReader): AnswerValue {
    switch (operation) {
      case Operation.documentGet:
        return this.documents.get(from.text(), from.text(), from.text())
      case Operation.documentList:
        return this.documents.list(from.text(), from.text(), from.text(), from.u32())
      case Operation.documentsChange:
        return this.documents.change(readChanges(from))
      case Operation.blobPut:
        return this.#blobs.put(from.text(), from.blob(), from.number())
      case Operation.blobGet:
        return this.#blobs.get(from.text(), from.text())
      case Operation.blobDelete:
        return this.#blobs.delete(from.text(), from.text()) as undefined
      case Operation.forgetTenant:
        return this.#forget(from.text()) as undefined
      default:
        throw new Error(`broken invariant: no operation has the number ${operation}`)
    }
  }
}

function requireLast(found: number, number: number): void {
  if (found === number) return
  const why = `batch ${found} is its last, not ${number}; put back the one that was there, or start it anew`
  throw new BulkheadError('ERR_STORE', `the store has changed under the broker: ${why} to go on from there`)
}

function placeOf(from: OperationReader): KvPlace {
  return { tenant: from.text(), plugin: from.text(), key: from.text() }
}

/** A version from 0 on; -1 stands for none. */
function versionOf(from: OperationReader): number | undefined {
  const version = from.number()
  return version < 0 ? undefined : version
}
