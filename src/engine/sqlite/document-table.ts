import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { DOCUMENTS_OF_A_KIND } from '../../base/limits.ts'
import type { DocumentChange, DocumentsChanged, StoredDocument } from '../engine.ts'

/** Documents in the database. Each call is part of a batch: none sees half of another. */
export class DocumentTable {
  readonly #database: DatabaseSync
  readonly #get: StatementSync
  readonly #list: StatementSync
  readonly #count: StatementSync
  readonly #put: StatementSync
  readonly #delete: StatementSync
  readonly #revision: StatementSync
  readonly #putRevision: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    const place = 'tenant = ? AND kind = ?'
    this.#get = database.prepare(`SELECT key, text, revision FROM document WHERE ${place} AND key = ?`)
    this.#list = database.prepare(
      `SELECT key, text, revision FROM document WHERE ${place} AND key > ? ORDER BY key LIMIT ?`,
    )
    this.#count = database.prepare(`SELECT count(*) AS n FROM document WHERE ${place}`)
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO document (tenant, kind, key, text, revision) VALUES (?, ?, ?, ?, ?)',
    )
    this.#delete = database.prepare(`DELETE FROM document WHERE ${place} AND key = ?`)
    this.#revision = database.prepare('SELECT number FROM last_revision')
    this.#putRevision = database.prepare('UPDATE last_revision SET number = ?')
  }

  get(tenant: string, kind: string, key: string): StoredDocument | undefined {
    const row = this.#get.get(tenant, kind, key)
    return row === undefined ? undefined : documentOf(row)
  }

  /** @param after '' stands before all keys, and is none. */
  list(tenant: string, kind: string, after: string, limit: number): StoredDocument[] {
    return this.#list.all(tenant, kind, after, limit).map(documentOf)
  }

  change(changes: readonly DocumentChange[]): DocumentsChanged {
    const revision = Number(this.#revision.get()?.['number']) + 1
    // what is refused half-way is undone, and the rest of its batch is not
    this.#database.exec('SAVEPOINT change')
    for (const [place, change] of changes.entries()) {
      const why = this.#refusal(change)
      if (why !== null) {
        this.#database.exec('ROLLBACK TO change; RELEASE change')
        return { ok: false, place, why }
      }
      const { tenant, kind, key, text } = change
      if (text === null) this.#delete.run(tenant, kind, key)
      else this.#put.run(tenant, kind, key, text, revision)
    }
    this.#database.exec('RELEASE change')
    this.#putRevision.run(revision)
    return { ok: true, revision }
  }

  dropTenant(tenant: string): void {
    this.#database.prepare('DELETE FROM document WHERE tenant = ?').run(tenant)
  }

  #refusal({ tenant, kind, key, text, ifRevision }: DocumentChange): 'revision' | 'full' | null {
    const known = this.#get.get(tenant, kind, key)
    if (ifRevision !== undefined && ifRevision !== Number(known?.['revision'] ?? 0)) return 'revision'
    if (text === null || known !== undefined) return null
    return Number(this.#count.get(tenant, kind)?.['n']) >= DOCUMENTS_OF_A_KIND ? 'full' : null
  }
}

function documentOf(row: Readonly<Record<string, unknown>>): StoredDocument {
  return { key: String(row['key']), text: String(row['text']), revision: Number(row['revision']) }
}
