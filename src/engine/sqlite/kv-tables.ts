import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { KV_KEYS } from '../../base/limits.ts'
import type { KvEntry, KvQuota, KvWritten } from '../engine.ts'

/** Where a key is, whose it is. */
export interface KvPlace {
  readonly tenant: string
  readonly plugin: string
  readonly key: string
}

/** Plugins' stores in the database. Each call is part of a batch: none sees half of another. */
export class KvTables {
  readonly #database: DatabaseSync
  readonly #get: StatementSync
  readonly #put: StatementSync
  readonly #delete: StatementSync
  readonly #list: StatementSync
  readonly #space: StatementSync
  readonly #putSpace: StatementSync
  readonly #tenantBytes: StatementSync
  readonly #used: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#get = database.prepare('SELECT value, version FROM kv WHERE tenant = ? AND plugin = ? AND key = ?')
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO kv (tenant, plugin, key, value, version) VALUES (?, ?, ?, ?, ?)',
    )
    this.#delete = database.prepare('DELETE FROM kv WHERE tenant = ? AND plugin = ? AND key = ?')
    this.#list = database.prepare(
      `SELECT key, value, version FROM kv
       WHERE tenant = ? AND plugin = ? AND key >= ? AND key >= ? ORDER BY key`,
    )
    this.#space = database.prepare(
      'SELECT bytes, keys, last_version AS lastVersion FROM kv_space WHERE tenant = ? AND plugin = ?',
    )
    this.#putSpace = database.prepare(
      'INSERT OR REPLACE INTO kv_space (tenant, plugin, bytes, keys, last_version) VALUES (?, ?, ?, ?, ?)',
    )
    this.#tenantBytes = database.prepare('SELECT sum(bytes) AS bytes FROM kv_space WHERE tenant = ?')
    this.#used = database.prepare(
      'SELECT tenant, sum(bytes) AS bytes FROM kv_space GROUP BY tenant HAVING sum(bytes) > 0',
    )
  }

  used(): Map<string, number> {
    return new Map(this.#used.all().map(({ tenant, bytes }) => [String(tenant), Number(bytes)]))
  }

  get({ tenant, plugin, key }: KvPlace): KvEntry | undefined {
    const row = this.#get.get(tenant, plugin, key)
    return row === undefined ? undefined : entryOf(key, row)
  }

  set(place: KvPlace, value: Uint8Array, ifVersion: number | undefined, quota: KvQuota): KvWritten | 'full' {
    const { tenant, plugin, key } = place
    const known = this.#get.get(tenant, plugin, key)
    const version = Number(known?.['version'] ?? 0)
    if (ifVersion !== undefined && ifVersion !== version) return { ok: false, version }
    const space = this.#spaceOf(tenant, plugin)
    const keyBytes = Buffer.byteLength(key)
    const knownBytes = known === undefined ? 0 : keyBytes + bytesOf(known['value']).length
    const grown = keyBytes + value.length - knownBytes
    const isFull =
      (known === undefined && space.keys >= KV_KEYS) ||
      // what makes room is welcome, even where the operator has cut the quota below what is there
      (grown > 0 &&
        (space.bytes + grown > quota.pluginBytes || this.#bytesOf(tenant) + grown > quota.tenantBytes))
    if (isFull) return 'full'
    const next = space.lastVersion + 1
    this.#put.run(tenant, plugin, key, value, next)
    this.#putSpace.run(tenant, plugin, space.bytes + grown, space.keys + (known === undefined ? 1 : 0), next)
    return { ok: true, version: next }
  }

  delete({ tenant, plugin, key }: KvPlace, ifVersion: number | undefined): KvWritten {
    const known = this.#get.get(tenant, plugin, key)
    const version = Number(known?.['version'] ?? 0)
    if (ifVersion !== undefined && ifVersion !== version) return { ok: false, version }
    if (known !== undefined) {
      const space = this.#spaceOf(tenant, plugin)
      const bytes = space.bytes - Buffer.byteLength(key) - bytesOf(known['value']).length
      this.#delete.run(tenant, plugin, key)
      this.#putSpace.run(tenant, plugin, bytes, space.keys - 1, space.lastVersion)
    }
    return { ok: true, version: 0 }
  }

  list({ tenant, plugin, key: prefix }: KvPlace, after: string | undefined, limit: number): KvEntry[] {
    const found: KvEntry[] = []
    if (limit === 0) return found
    for (const row of this.#list.iterate(tenant, plugin, prefix, after ?? '')) {
      const key = String(row['key'])
      if (!key.startsWith(prefix)) break
      if (key === after) continue
      found.push(entryOf(key, row))
      if (found.length === limit) break
    }
    return found
  }

  dropTenant(tenant: string): void {
    for (const table of ['kv', 'kv_space']) {
      this.#database.prepare(`DELETE FROM ${table} WHERE tenant = ?`).run(tenant)
    }
  }

  #spaceOf(tenant: string, plugin: string): { bytes: number; keys: number; lastVersion: number } {
    const row = this.#space.get(tenant, plugin)
    return {
      bytes: Number(row?.['bytes'] ?? 0),
      keys: Number(row?.['keys'] ?? 0),
      lastVersion: Number(row?.['lastVersion'] ?? 0),
    }
  }

  #bytesOf(tenant: string): number {
    return Number(this.#tenantBytes.get(tenant)?.['bytes'] ?? 0)
  }
}

function entryOf(key: string, row: Record<string, unknown>): KvEntry {
  return { key, value: Buffer.from(bytesOf(row['value'])).toString(), version: Number(row['version']) }
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array()
}
