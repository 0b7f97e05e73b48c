import { createHash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AUDIT_RECORDS } from '../../base/limits.ts'
import type { AuditRecord } from '../engine.ts'

/**
 * The audit in the database. Each tenant's records are a chain: a record's hash covers the hash of the one
 * before, so that what was changed afterwards, or taken out of the midst, does not fit any more.
 */
export class AuditTable {
  readonly #append: StatementSync
  readonly #last: StatementSync
  readonly #dropOldest: StatementSync
  readonly #newest: StatementSync
  readonly #newestOf: StatementSync
  readonly #counts = new Map<string, number>()
  #size = 0

  constructor(database: DatabaseSync) {
    this.#append = database.prepare('INSERT INTO audit (tenant, record, previous, hash) VALUES (?, ?, ?, ?)')
    this.#last = database.prepare('SELECT hash FROM audit WHERE tenant = ? ORDER BY place DESC LIMIT 1')
    this.#dropOldest = database.prepare(
      'DELETE FROM audit WHERE place = (SELECT min(place) FROM audit WHERE tenant = ?)',
    )
    this.#newest = database.prepare('SELECT record FROM audit ORDER BY place DESC LIMIT ?')
    this.#newestOf = database.prepare('SELECT record FROM audit WHERE tenant = ? ORDER BY place DESC LIMIT ?')
    for (const row of database.prepare('SELECT tenant, count(*) AS n FROM audit GROUP BY tenant').iterate()) {
      this.#counts.set(String(row['tenant']), Number(row['n']))
      this.#size += Number(row['n'])
    }
  }

  append(tenant: string, record: string): void {
    const own = this.#counts.get(tenant) ?? 0
    this.#counts.set(tenant, own)
    if (this.#size >= AUDIT_RECORDS) this.#evict(tenant, own)
    const previous = String(this.#last.get(tenant)?.['hash'] ?? '')
    this.#append.run(tenant, record, previous, chained(previous, record))
    this.#counts.set(tenant, (this.#counts.get(tenant) ?? 0) + 1)
    this.#size += 1
  }

  /** @param tenant undefined: of all. */
  read(tenant: string | undefined, limit: number): AuditRecord[] {
    const rows = tenant === undefined ? this.#newest.all(limit) : this.#newestOf.all(tenant, limit)
    return rows.map((row) => JSON.parse(String(row['record'])) as AuditRecord).toReversed()
  }

  /** Who has its share already pays for itself; else who has the most does. */
  #evict(tenant: string, own: number): void {
    const share = Math.ceil(AUDIT_RECORDS / this.#counts.size)
    let payer = tenant
    let most = own
    if (own < share) for (const [name, n] of this.#counts) if (n > most) [payer, most] = [name, n]
    this.#dropOldest.run(payer)
    this.#counts.set(payer, most - 1)
    this.#size -= 1
    if (most === 1 && payer !== tenant) this.#counts.delete(payer)
  }
}

/** The hash of a record that comes behind the one with the hash `previous`. */
export function chained(previous: string, record: string): string {
  return createHash('sha256').update(`${previous}\n${record}`).digest('hex')
}
