import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KvEntry, KvQuota, KvStore } from '../../src/engine/engine.ts'

const ROOMY: KvQuota = { pluginBytes: 1 << 20, tenantBytes: 1 << 20 }

/** What a plugin knows of its store. */
type PluginsKv = Omit<KvStore, 'used'>

/** What every engine, and the test kit, promises of the plugins' stores. */
export function kvContract(name: string, make: () => PluginsKv | Promise<PluginsKv>): void {
  spacesContract(name, make)
  writesContract(name, make)
  modelContract(name, make)
}

function spacesContract(name: string, make: () => PluginsKv | Promise<PluginsKv>): void {
  test(`${name}: a space is named by tenant and plugin, whatever characters the key has`, async () => {
    const kv = await make()
    await kv.set('acme', 'gate', 'k', '1', undefined, ROOMY)
    const strangers = [
      ['acme', 'gate2', 'k'],
      ['globex', 'gate', 'k'],
      ['acmegate', '', 'k'],
      ['acme', 'gat', 'ek'],
      ['', 'acme/gate', 'k'],
      ['globex', 'x', '../acme/gate/k'],
      ['globex', '__proto__', '__proto__'],
    ] as const
    for (const [tenant, plugin, key] of strangers) {
      assert.equal(await kv.get(tenant, plugin, key), undefined)
      assert.deepEqual(await kv.list(tenant, plugin, '', undefined, 10), [])
      assert.deepEqual(await kv.delete(tenant, plugin, key, undefined), { ok: true, version: 0 })
    }
    assert.equal((await kv.get('acme', 'gate', 'k'))?.value, '1')
  })

  test(`${name}: the quota counts what the plugin has, and what its tenant has, in UTF-8`, async () => {
    const kv = await make()
    const quota = { pluginBytes: 10, tenantBytes: 15 }
    const set = (tenant: string, plugin: string, key: string, value: string) =>
      kv.set(tenant, plugin, key, value, undefined, quota)
    assert.deepEqual(await set('acme', 'one', 'é', '12345678'), { ok: true, version: 1 })
    assert.equal(await set('acme', 'one', 'b', ''), 'full')
    assert.equal(await set('acme', 'one', 'é', '123456789'), 'full')
    assert.equal(await set('acme', 'two', 'k', '12345'), 'full')
    assert.deepEqual(await set('acme', 'two', 'k', '1234'), { ok: true, version: 1 })
    assert.deepEqual(await set('globex', 'one', 'k', '123456789'), { ok: true, version: 1 })
    assert.equal((await kv.get('acme', 'one', 'é'))?.value, '12345678', 'a refused write changes nothing')
    await kv.delete('acme', 'one', 'é', undefined)
    assert.deepEqual(await set('acme', 'two', 'k', '123456789'), { ok: true, version: 2 })
  })

  test(`${name}: where a quota was cut, what makes room is still written`, async () => {
    const kv = await make()
    await kv.set('acme', 'one', 'k', '123456789', undefined, ROOMY)
    const cut = { pluginBytes: 4, tenantBytes: 4 }
    assert.equal(await kv.set('acme', 'one', 'k', '1234567890', undefined, cut), 'full')
    assert.deepEqual(await kv.set('acme', 'one', 'k', '12345678', undefined, cut), { ok: true, version: 2 })
  })
}

function writesContract(name: string, make: () => PluginsKv | Promise<PluginsKv>): void {
  test(`${name}: of writers that saw the same version, one writes`, async () => {
    const kv = await make()
    const race = (version: number) =>
      Promise.all(['a', 'b', 'c'].map((text) => kv.set('acme', 'gate', 'k', text, version, ROOMY)))
    for (const version of [0, 1, 2]) {
      const ended = await race(version)
      assert.equal(ended.filter((each) => each !== 'full' && each.ok).length, 1)
      for (const each of ended) assert.equal(each !== 'full' && each.version, version + 1)
    }
  })

  test(`${name}: a version is never given twice, not even after a delete`, async () => {
    const kv = await make()
    await kv.set('acme', 'gate', 'k', 'first', undefined, ROOMY)
    assert.deepEqual(await kv.delete('acme', 'gate', 'k', 2), { ok: false, version: 1 })
    assert.deepEqual(await kv.delete('acme', 'gate', 'k', 1), { ok: true, version: 0 })
    await kv.set('acme', 'gate', 'k', 'second', 0, ROOMY)
    assert.deepEqual(await kv.set('acme', 'gate', 'k', 'stale', 1, ROOMY), { ok: false, version: 2 })
  })

  test(`${name}: a list is in the order of UTF-8 bytes, after \`after\`, and no longer than asked`, async () => {
    const kv = await make()
    // U+FFFD comes before U+10000 in UTF-8, and behind its surrogates in UTF-16
    const keys = ['a', 'a/1', 'a/\uFFFD', 'a/\u{10000}', 'b']
    for (const key of keys.toReversed()) await kv.set('acme', 'gate', key, key, undefined, ROOMY)
    const list = async (prefix: string, after?: string, limit = 10) =>
      (await kv.list('acme', 'gate', prefix, after, limit)).map(({ key }) => key)
    assert.deepEqual(await list(''), keys)
    assert.deepEqual(await list('a/'), ['a/1', 'a/\uFFFD', 'a/\u{10000}'])
    assert.deepEqual(await list('a', 'a/1', 2), ['a/\uFFFD', 'a/\u{10000}'])
    assert.deepEqual(await list('', 'a/2'), ['a/\uFFFD', 'a/\u{10000}', 'b'])
    assert.deepEqual(await list('b', 'a'), ['b'])
    assert.deepEqual(await list('a', 'b'), [])
    assert.deepEqual(await list('', undefined, 0), [])
  })
}

const KEYS = ['a', 'ab', 'a/b', 'b', '__proto__', '\u{1F600}', '\uFFFD']

const operations = fc.array(
  fc.record({
    op: fc.constantFrom('set', 'delete', 'list'),
    plugin: fc.constantFrom('one', 'two'),
    key: fc.constantFrom(...KEYS),
    value: fc.string({ maxLength: 12 }),
    /** Of the key's version then: the same, another, or none given. */
    seen: fc.constantFrom('right', 'wrong', 'none'),
    after: fc.option(fc.constantFrom(...KEYS), { nil: undefined }),
    limit: fc.integer({ min: 0, max: 5 }),
  }),
  { maxLength: 60 },
)

const TIGHT: KvQuota = { pluginBytes: 30, tenantBytes: 45 }

/** The plain reading of the contract: maps, and everything counted anew each time. */
class Model {
  readonly spaces = { one: new Map<string, KvEntry>(), two: new Map<string, KvEntry>() }

  bytes(plugin: 'one' | 'two'): number {
    return [...this.spaces[plugin].values()].reduce(
      (sum, { key, value }) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
      0,
    )
  }

  /** Whether the write would be above a quota, and make it no better. */
  refuses(plugin: 'one' | 'two', key: string, value: string): boolean {
    const before = this.bytes(plugin)
    const known = this.spaces[plugin].get(key)
    this.spaces[plugin].set(key, { key, value, version: 0 })
    const after = this.bytes(plugin)
    const all = this.bytes('one') + this.bytes('two')
    if (known === undefined) this.spaces[plugin].delete(key)
    else this.spaces[plugin].set(key, known)
    return after > before && (after > TIGHT.pluginBytes || all > TIGHT.tenantBytes)
  }
}

function modelContract(name: string, make: () => PluginsKv | Promise<PluginsKv>): void {
  test(`${name}: whatever is done in whatever order, the store is what a plain map would be`, async () => {
    const kv = await make()
    let run = 0
    await fc.assert(
      fc.asyncProperty(operations, async (steps) => {
        // a tenant of its own: nothing is left of an earlier run
        run += 1
        const tenant = `tenant ${run}`
        const model = new Model()
        for (const { op, plugin, key, value, seen, after, limit } of steps) {
          const space = model.spaces[plugin]
          const version = space.get(key)?.version ?? 0
          const ifVersion = seen === 'none' ? undefined : seen === 'right' ? version : version + 1
          const stale = { ok: false, version }
          if (op === 'set') {
            const ended = await kv.set(tenant, plugin, key, value, ifVersion, TIGHT)
            if (seen === 'wrong') assert.deepEqual(ended, stale)
            else if (model.refuses(plugin, key, value)) assert.equal(ended, 'full')
            else {
              assert.ok(ended !== 'full' && ended.ok && ended.version > version)
              space.set(key, { key, value, version: ended.version })
            }
          } else if (op === 'delete') {
            const ended = await kv.delete(tenant, plugin, key, ifVersion)
            assert.deepEqual(ended, seen === 'wrong' ? stale : { ok: true, version: 0 })
            if (ended.ok) space.delete(key)
          } else {
            const expected = [...space.values()]
              .filter(
                (each) => each.key.startsWith(key) && (after === undefined || inBytes(each.key, after) > 0),
              )
              .sort((one, other) => inBytes(one.key, other.key))
            assert.deepEqual(await kv.list(tenant, plugin, key, after, limit), expected.slice(0, limit))
          }
          assert.deepEqual(await kv.get(tenant, plugin, key), space.get(key))
        }
      }),
      { numRuns: 200 },
    )
  })
}

function inBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

/** What every engine tells of the plugins' stores. */
export function kvUsedContract(name: string, make: () => KvStore | Promise<KvStore>): void {
  test(`${name}: what a tenant uses is told in bytes of all its spaces, and of whoever has any`, async () => {
    const kv = await make()
    await kv.set('acme', 'one', 'é', '12', undefined, ROOMY)
    await kv.set('acme', 'two', 'k', '123', undefined, ROOMY)
    await kv.set('globex', 'one', 'k', '1', undefined, ROOMY)
    await kv.delete('globex', 'one', 'k', undefined)
    assert.deepEqual(await kv.used(), new Map([['acme', 8]]))
  })
}
