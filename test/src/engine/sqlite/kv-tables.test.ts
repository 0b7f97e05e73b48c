import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KvTables } from '../../../../src/engine/sqlite/kv-tables.ts'
import { openStore } from '../../../../src/engine/sqlite/open-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

const place = (key: string) => ({ tenant: 'acme', plugin: 'gate', key })
const ROOMY = { pluginBytes: 1000, tenantBytes: 1000 }

test('what the contract asks of values holds for every text, U+0000 within it too', () => {
  const tables = new KvTables(openStore(dataFolder(), 'os'))
  tables.set(place('k'), Buffer.from('a\u0000b'), undefined, ROOMY)
  assert.deepEqual(tables.get(place('k')), { key: 'k', value: 'a\u0000b', version: 1 })
})

test('bytes and keys of a space are counted as they come and go', () => {
  const tables = new KvTables(openStore(dataFolder(), 'os'))
  const tight = { pluginBytes: 6, tenantBytes: 1000 }
  const set = (key: string, value: string) => tables.set(place(key), Buffer.from(value), undefined, tight)
  assert.deepEqual(set('a', '12345'), { ok: true, version: 1 })
  assert.equal(set('b', ''), 'full')
  assert.deepEqual(set('a', '1234'), { ok: true, version: 2 })
  assert.deepEqual(set('b', ''), { ok: true, version: 3 })
  tables.delete(place('a'), undefined)
  assert.deepEqual(set('c', '1234'), { ok: true, version: 4 })
  assert.deepEqual(
    tables.list(place(''), undefined, 10).map(({ key }) => key),
    ['b', 'c'],
  )
})
