import type { KvOutcome, KvPort, KvQuota, StoredValue } from './index.ts'

type Space = Map<string, StoredValue>

/** A store for tests: as the broker's, in memory, small enough to be counted through. */
export class TestKv implements KvPort {
  readonly #tenants = new Map<string, Map<string, Space>>()
  /** By space, for ever: a version never comes back. */
  readonly #versions = new WeakMap<Space, number>()

  get(tenant: string, plugin: string, key: string): Promise<StoredValue | undefined> {
    return Promise.resolve(this.#tenants.get(tenant)?.get(plugin)?.get(key))
  }

  set(
    tenant: string,
    plugin: string,
    key: string,
    value: string,
    ifVersion: number | undefined,
    quota: KvQuota,
  ): Promise<KvOutcome> {
    const spaces = this.#spaces(tenant)
    const space = spaces.get(plugin) ?? new Map<string, StoredValue>()
    const known = space.get(key)
    const version = known?.version ?? 0
    if (ifVersion !== undefined && ifVersion !== version) return Promise.resolve({ ok: false, version })
    const entry = { key, value, version: (this.#versions.get(space) ?? 0) + 1 }
    const grownBytes = sizeOf(entry) - (known === undefined ? 0 : sizeOf(known))
    const pluginBytes = grownBytes + bytesOf(space)
    const tenantBytes = grownBytes + spaces.values().reduce((bytes, each) => bytes + bytesOf(each), 0)
    const isOver = pluginBytes > quota.pluginBytes || tenantBytes > quota.tenantBytes
    if (grownBytes > 0 && isOver) return Promise.resolve('full')
    spaces.set(plugin, space)
    space.set(key, entry)
    this.#versions.set(space, entry.version)
    return Promise.resolve({ ok: true, version: entry.version })
  }

  delete(
    tenant: string,
    plugin: string,
    key: string,
    ifVersion: number | undefined,
  ): Promise<{ readonly ok: boolean; readonly version: number }> {
    const space = this.#tenants.get(tenant)?.get(plugin)
    const version = space?.get(key)?.version ?? 0
    if (ifVersion !== undefined && ifVersion !== version) return Promise.resolve({ ok: false, version })
    space?.delete(key)
    return Promise.resolve({ ok: true, version: 0 })
  }

  list(
    tenant: string,
    plugin: string,
    prefix: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly StoredValue[]> {
    const entries = [...(this.#tenants.get(tenant)?.get(plugin)?.values() ?? [])]
    const found = entries
      .filter(({ key }) => key.startsWith(prefix) && (after === undefined || inOrder(after, key) < 0))
      .toSorted((one, other) => inOrder(one.key, other.key))
    return Promise.resolve(found.slice(0, limit))
  }

  #spaces(tenant: string): Map<string, Space> {
    const spaces = this.#tenants.get(tenant) ?? new Map<string, Space>()
    this.#tenants.set(tenant, spaces)
    return spaces
  }
}

/** By their bytes, as every store orders keys. */
function inOrder(one: string, other: string): number {
  return Buffer.from(one).compare(Buffer.from(other))
}

function bytesOf(space: Space): number {
  return space.values().reduce((bytes, each) => bytes + sizeOf(each), 0)
}

function sizeOf({ key, value }: StoredValue): number {
  return Buffer.byteLength(key) + Buffer.byteLength(value)
}
