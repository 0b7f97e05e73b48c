import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SHADOW } from '../../src/base/limits.ts'
import { shadowName } from '../../src/base/shadow-name.ts'
import { ShadowKv } from '../../src/shadow-kv.ts'
import { newMemoryEngine } from '../support/memory-engine.ts'

const QUOTA = { pluginBytes: 10_000, tenantBytes: 10_000 }
const TRIED = shadowName('acme')

test('a version that is tried sees what is there and its own writes; nobody else sees those', async () => {
  const { kv: store } = newMemoryEngine()
  const kv = new ShadowKv(store)
  await kv.set('acme', 'gate', 'a', '1', undefined, QUOTA)
  assert.equal((await kv.get(TRIED, 'gate', 'a'))?.value, '1')
  assert.deepEqual(await kv.set(TRIED, 'gate', 'a', '2', 1, QUOTA), { ok: true, version: 2 })
  assert.deepEqual(
    [(await kv.get(TRIED, 'gate', 'a'))?.value, (await kv.get('acme', 'gate', 'a'))?.value],
    ['2', '1'],
  )
  assert.deepEqual(await kv.set(TRIED, 'gate', 'a', '3', 1, QUOTA), { ok: false, version: 2 })
  await kv.delete(TRIED, 'gate', 'a', undefined)
  assert.equal(await kv.get(TRIED, 'gate', 'a'), undefined)
  assert.equal((await store.get('acme', 'gate', 'a'))?.value, '1')
  assert.deepEqual(
    (await kv.list(TRIED, 'gate', '', undefined, 10)).map(({ key }) => key),
    ['a'],
  )
  assert.deepEqual([...(await store.used()).keys()], ['acme'])
})

test('what it writes is bounded: the oldest is forgotten', async () => {
  const kv = new ShadowKv(newMemoryEngine().kv)
  for (let n = 0; n <= SHADOW.kvEntries; n += 1) await kv.set(TRIED, 'gate', `k${n}`, '1', undefined, QUOTA)
  assert.equal(await kv.get(TRIED, 'gate', 'k0'), undefined)
  assert.equal((await kv.get(TRIED, 'gate', 'k1'))?.value, '1')
})
