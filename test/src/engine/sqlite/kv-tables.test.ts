import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import fc from 'fast-check'
import { KV_KEYS } from '../../../../src/base/limits.ts'
import { KvTables } from '../../../../src/engine/sqlite/kv-tables.ts'
import { anyText } from '../../../support/any-text.ts'
import { openedDatabase } from '../../../support/recorded-store.ts'

const ROOMY = { pluginBytes: 1 << 20, tenantBytes: 1 << 20 }

const at = (key: string, plugin = 'gate') => ({ tenant: 'acme', plugin, key })
const text = (value: string) => Buffer.from(value)

/** What the spaces say that they hold, and what they hold. */
function sums(database: DatabaseSync): readonly [said: unknown, held: unknown] {
  const said = database.prepare('SELECT plugin, bytes, keys FROM kv_space WHERE keys > 0 ORDER BY plugin')
  const held = database.prepare(
    `SELECT plugin, sum(octet_length(key) + octet_length(value)) AS bytes, count(*) AS keys FROM kv
     GROUP BY tenant, plugin ORDER BY plugin`,
  )
  return [said.all(), held.all()]
}

test('whatever is set and deleted, a space’s sums are those of its keys', (context) => {
  const database = openedDatabase(context)
  const key = fc.constantFrom('a', 'é', '\u0000', '😀', '')
  const step = fc.record({
    key,
    plugin: fc.constantFrom('one', 'two'),
    value: fc.option(anyText({ maxLength: 8 }), { nil: null }),
    ifVersion: fc.option(fc.nat(4), { nil: undefined }),
  })
  const quota = { pluginBytes: 40, tenantBytes: 60 }
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      database.exec('BEGIN')
      try {
        const kv = new KvTables(database)
        for (const { key: name, plugin, value, ifVersion } of steps) {
          if (value === null) kv.delete(at(name, plugin), ifVersion)
          else kv.set(at(name, plugin), text(value), ifVersion, quota)
        }
        const [said, held] = sums(database)
        assert.deepEqual(said, held)
      } finally {
        database.exec('ROLLBACK')
      }
    }),
  )
})

test('versions go on where an earlier process has left them, though the key was deleted', (context) => {
  const database = openedDatabase(context)
  const kv = new KvTables(database)
  kv.set(at('k'), text('1'), undefined, ROOMY)
  kv.set(at('k'), text('2'), undefined, ROOMY)
  kv.delete(at('k'), 2)
  const again = new KvTables(database)
  assert.equal(again.get(at('k')), undefined)
  assert.deepEqual(again.set(at('k'), text('3'), 0, ROOMY), { ok: true, version: 3 })
})

test('a space holds so many keys, and no more; one that it has is still written', (context) => {
  const database = openedDatabase(context)
  const kv = new KvTables(database)
  database.exec('BEGIN')
  for (let n = 0; n < KV_KEYS; n += 1) kv.set(at(`${n}`), text(''), undefined, ROOMY)
  assert.equal(kv.set(at('one more'), text(''), undefined, ROOMY), 'full')
  assert.deepEqual(kv.set(at('7'), text('new'), 8, ROOMY), { ok: true, version: KV_KEYS + 1 })
  kv.delete(at('8'), undefined)
  assert.deepEqual(kv.set(at('one more'), text(''), 0, ROOMY), { ok: true, version: KV_KEYS + 2 })
  database.exec('COMMIT')
})

test('a list has what begins with the prefix and nothing else, and no half of it is left open', (context) => {
  const database = openedDatabase(context)
  const kv = new KvTables(database)
  const names = ['a', 'a\u0000', 'a/1', 'a/2', 'a/\u{10ffff}', 'b']
  for (const name of names) kv.set(at(name), text(name), undefined, ROOMY)
  const list = (prefix: string, after: string | undefined, limit: number) =>
    kv.list(at(prefix), after, limit).map(({ key, value }) => (assert.equal(value, key), key))
  assert.deepEqual(list('a/', undefined, 10), ['a/1', 'a/2', 'a/\u{10ffff}'])
  assert.deepEqual(list('a', 'a\u0000', 2), ['a/1', 'a/2'])
  assert.deepEqual(list('a', 'b', 10), [])
  assert.deepEqual(list('', undefined, 0), [])
  database.exec('BEGIN; DROP TABLE kv; ROLLBACK')
})
