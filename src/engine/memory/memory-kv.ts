import { KV_KEYS } from '../../base/limits.ts'
import type { KvEntry, KvQuota, KvStore, KvWritten } from '../engine.ts'

/** Spaces by tenant and plugin, each key's write done within one turn: nothing comes between. */
export class MemoryKv implements KvStore {
  readonly #byTenant = new Map<string, TenantSpaces>()

  get(tenant: string, plugin: string, key: string): Promise<KvEntry | undefined> {
    return Promise.resolve(this.#byTenant.get(tenant)?.spaces.get(plugin)?.entries.get(key))
  }

  set(
    tenant: string,
    plugin: string,
    key: string,
    value: string,
    ifVersion: number | undefined,
    quota: KvQuota,
  ): Promise<KvWritten | 'full'> {
    const own = this.#own(tenant)
    const space = own.space(plugin)
    const known = space.entries.get(key)
    const version = known?.version ?? 0
    if (ifVersion !== undefined && ifVersion !== version) return Promise.resolve({ ok: false, version })
    const entry = { key, value, version: space.lastVersion + 1 }
    const grownBytes = sizeOf(entry) - (known === undefined ? 0 : sizeOf(known))
    const isFull =
      (known === undefined && space.entries.size >= KV_KEYS) ||
      // what makes room is welcome, even where the operator has cut the quota below what is there
      (grownBytes > 0 &&
        (space.bytes + grownBytes > quota.pluginBytes || own.bytes + grownBytes > quota.tenantBytes))
    if (isFull) return Promise.resolve('full')
    space.put(entry)
    own.count(space, grownBytes)
    return Promise.resolve({ ok: true, version: entry.version })
  }

  delete(tenant: string, plugin: string, key: string, ifVersion: number | undefined): Promise<KvWritten> {
    const own = this.#byTenant.get(tenant)
    const space = own?.spaces.get(plugin)
    const known = space?.entries.get(key)
    const version = known?.version ?? 0
    if (ifVersion !== undefined && ifVersion !== version) return Promise.resolve({ ok: false, version })
    if (own !== undefined && space !== undefined && known !== undefined) {
      space.drop(key)
      own.count(space, -sizeOf(known))
    }
    return Promise.resolve({ ok: true, version: 0 })
  }

  list(
    tenant: string,
    plugin: string,
    prefix: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly KvEntry[]> {
    return Promise.resolve(this.#byTenant.get(tenant)?.spaces.get(plugin)?.list(prefix, after, limit) ?? [])
  }

  used(): Promise<ReadonlyMap<string, number>> {
    const used = Array.from(this.#byTenant, ([tenant, { bytes }]) => [tenant, bytes] as const)
    return Promise.resolve(new Map(used.filter(([, bytes]) => bytes > 0)))
  }

  /** Drops all spaces of a tenant. */
  dropTenant(tenant: string): void {
    this.#byTenant.delete(tenant)
  }

  #own(tenant: string): TenantSpaces {
    let own = this.#byTenant.get(tenant)
    if (own === undefined) this.#byTenant.set(tenant, (own = new TenantSpaces()))
    return own
  }
}

class TenantSpaces {
  readonly spaces: Map<string, Space> = new Map()
  bytes = 0

  space(plugin: string): Space {
    let space = this.spaces.get(plugin)
    if (space === undefined) this.spaces.set(plugin, (space = new Space()))
    return space
  }

  count(space: Space, grownBytes: number): void {
    space.bytes += grownBytes
    this.bytes += grownBytes
  }
}

class Space {
  readonly entries: Map<string, KvEntry> = new Map()
  /** In their order, so that a list costs what it gives and not what is there. */
  readonly #keys: string[] = []
  bytes = 0
  /** One counter a space: a version never comes back, and says nothing of what neighbours write. */
  lastVersion = 0

  put(entry: KvEntry): void {
    if (!this.entries.has(entry.key)) this.#keys.splice(this.#placeOf(entry.key), 0, entry.key)
    this.entries.set(entry.key, entry)
    this.lastVersion = entry.version
  }

  drop(key: string): void {
    this.#keys.splice(this.#placeOf(key), 1)
    this.entries.delete(key)
  }

  list(prefix: string, after: string | undefined, limit: number): readonly KvEntry[] {
    const found: KvEntry[] = []
    let place = this.#placeOf(prefix)
    if (after !== undefined) place = Math.max(place, this.#placeOf(after))
    if (after !== undefined && this.#keys[place] === after) place += 1
    for (; found.length < limit; place += 1) {
      const key = this.#keys[place]
      if (key === undefined || !key.startsWith(prefix)) break
      const entry = this.entries.get(key)
      if (entry !== undefined) found.push(entry)
    }
    return found
  }

  /** Where the key is, or would be. */
  #placeOf(key: string): number {
    const bytes = Buffer.from(key)
    let low = 0
    let high = this.#keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (bytes.compare(Buffer.from(this.#keys[middle] ?? '')) > 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function sizeOf({ key, value }: KvEntry): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value)
}
