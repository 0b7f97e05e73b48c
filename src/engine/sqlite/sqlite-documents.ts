import type { DocumentChange, DocumentsChanged, DocumentStore, StoredDocument } from '../engine.ts'
import { writeChanges } from './document-changes.ts'
import { Operation, type OperationWriter } from './operations.ts'
import type { Store } from './store.ts'

/** Documents, kept by the storage thread alone. An answer says that what it tells of is safe. */
export class SqliteDocuments implements DocumentStore {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async get(tenant: string, kind: string, key: string): Promise<StoredDocument | undefined> {
    const write = (to: OperationWriter): unknown => to.text(tenant).text(kind).text(key)
    return (await this.#store.ask(Operation.documentGet, write)) as StoredDocument | undefined
  }

  async list(
    tenant: string,
    kind: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly StoredDocument[]> {
    const write = (to: OperationWriter): unknown =>
      to
        .text(tenant)
        .text(kind)
        .text(after ?? '')
        .u32(limit)
    return (await this.#store.ask(Operation.documentList, write)) as readonly StoredDocument[]
  }

  async change(changes: readonly DocumentChange[]): Promise<DocumentsChanged> {
    const write = (to: OperationWriter): void => writeChanges(to, changes)
    return (await this.#store.ask(Operation.documentsChange, write)) as DocumentsChanged
  }
}
