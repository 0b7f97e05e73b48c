import { SHADOW } from './base/limits.ts'
import { isShadow, tenantBehind } from './base/shadow-name.ts'
import type { KvEntry, KvQuota, KvStore, KvWritten } from './engine/engine.ts'

type Port = Pick<KvStore, 'get' | 'set' | 'delete' | 'list'>

/**
 * The plugins' store, in which a version that is tried finds what is there, and its own writes: those are
 * kept beside, in memory, and end with the process or when there are too many.
 */
export class ShadowKv implements Port {
  readonly #store: Port
  /** Null: deleted. The oldest goes first. */
  readonly #written = new Map<string, KvEntry | null>()

  constructor(store: Port) {
    this.#store = store
  }

  async get(tenant: string, plugin: string, key: string): Promise<KvEntry | undefined> {
    const written = isShadow(tenant) ? this.#written.get(keyOf(tenant, plugin, key)) : undefined
    if (written !== undefined) return written ?? undefined
    return this.#store.get(tenantBehind(tenant), plugin, key)
  }

  async set(
    tenant: string,
    plugin: string,
    key: string,
    value: string,
    ifVersion: number | undefined,
    quota: KvQuota,
  ): Promise<KvWritten | 'full'> {
    if (!isShadow(tenant)) return this.#store.set(tenant, plugin, key, value, ifVersion, quota)
    return this.#write(tenant, plugin, key, value, ifVersion)
  }

  async delete(
    tenant: string,
    plugin: string,
    key: string,
    ifVersion: number | undefined,
  ): Promise<KvWritten> {
    if (!isShadow(tenant)) return this.#store.delete(tenant, plugin, key, ifVersion)
    return this.#write(tenant, plugin, key, null, ifVersion)
  }

  /** Of a version that is tried: as the store has it, without its own writes. */
  list(
    tenant: string,
    plugin: string,
    prefix: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly KvEntry[]> {
    return this.#store.list(tenantBehind(tenant), plugin, prefix, after, limit)
  }

  async #write(
    tenant: string,
    plugin: string,
    key: string,
    value: string | null,
    ifVersion: number | undefined,
  ): Promise<KvWritten> {
    const version = (await this.get(tenant, plugin, key))?.version ?? 0
    if (ifVersion !== undefined && ifVersion !== version) return { ok: false, version }
    const place = keyOf(tenant, plugin, key)
    this.#written.delete(place)
    this.#written.set(place, value === null ? null : { key, value, version: version + 1 })
    const [oldest] = this.#written.keys()
    if (this.#written.size > SHADOW.kvEntries && oldest !== undefined) this.#written.delete(oldest)
    return { ok: true, version: value === null ? 0 : version + 1 }
  }
}

function keyOf(tenant: string, plugin: string, key: string): string {
  return JSON.stringify([tenant, plugin, key])
}
