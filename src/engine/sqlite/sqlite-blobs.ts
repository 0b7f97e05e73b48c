import type { BlobStore } from '../engine.ts'
import { Operation } from './operations.ts'
import type { Store } from './store.ts'

/** Blobs, kept by the storage thread alone. An answer says that what it tells of is safe. */
export class SqliteBlobs implements BlobStore {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async put(tenant: string, bytes: Uint8Array, quotaBytes: number): Promise<string | null> {
    const answer = await this.#store.ask(Operation.blobPut, (to) =>
      to.text(tenant).blob(bytes).number(quotaBytes),
    )
    return answer as string | null
  }

  async get(tenant: string, digest: string): Promise<Uint8Array | undefined> {
    const answer = await this.#store.ask(Operation.blobGet, (to) => to.text(tenant).text(digest))
    return answer as Uint8Array | undefined
  }

  async delete(tenant: string, digest: string): Promise<void> {
    await this.#store.ask(Operation.blobDelete, (to) => to.text(tenant).text(digest))
  }
}
