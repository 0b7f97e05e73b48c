import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { digestOf } from '../../base/digest.ts'
import { blobOf } from './stored-rows.ts'

/** Blobs in the database, by tenant and digest. */
export class BlobTable {
  readonly #database: DatabaseSync
  readonly #get: StatementSync
  readonly #has: StatementSync
  readonly #bytes: StatementSync
  readonly #put: StatementSync
  readonly #delete: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#get = database.prepare('SELECT body FROM blob WHERE tenant = ? AND digest = ?')
    this.#has = database.prepare('SELECT 1 FROM blob WHERE tenant = ? AND digest = ?')
    this.#bytes = database.prepare('SELECT sum(length(body)) AS bytes FROM blob WHERE tenant = ?')
    this.#put = database.prepare('INSERT INTO blob (tenant, digest, body) VALUES (?, ?, ?)')
    this.#delete = database.prepare('DELETE FROM blob WHERE tenant = ? AND digest = ?')
  }

  put(tenant: string, body: Uint8Array, quotaBytes: number): string | null {
    const digest = digestOf(body)
    if (this.#has.get(tenant, digest) !== undefined) return digest
    const before = Number(this.#bytes.get(tenant)?.['bytes'] ?? 0)
    if (before + body.length > quotaBytes) return null
    this.#put.run(tenant, digest, body)
    return digest
  }

  get(tenant: string, digest: string): Uint8Array | undefined {
    const row = this.#get.get(tenant, digest)
    return row === undefined ? undefined : blobOf(row['body'])
  }

  delete(tenant: string, digest: string): void {
    this.#delete.run(tenant, digest)
  }

  dropTenant(tenant: string): void {
    this.#database.prepare('DELETE FROM blob WHERE tenant = ?').run(tenant)
  }
}
