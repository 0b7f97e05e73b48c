import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { SqliteKv } from '../../../../src/engine/sqlite/sqlite-kv.ts'
import { looked, openedStore } from '../../../support/recorded-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

const ROOMY = { pluginBytes: 1 << 20, tenantBytes: 1 << 20 }

async function opened(context: TestContext, folder?: string) {
  const { store } = await openedStore(context, folder)
  return { store, kv: new SqliteKv(store) }
}

test('what a plugin was told is written is there after a restart, with its version', async (context) => {
  const folder = dataFolder()
  const earlier = await opened(context, folder)
  const { kv: before } = earlier
  await before.set('acme', 'gate', 'gone', '', undefined, ROOMY)
  await before.delete('acme', 'gate', 'gone', 1)
  assert.deepEqual(await before.set('acme', 'gate', 'é\u0000', '😀', 0, ROOMY), { ok: true, version: 2 })
  assert.equal(looked(folder, 'SELECT key FROM kv').length, 1, 'it was safe when it was told')
  await earlier.store.close()
  const { kv } = await opened(context, folder)
  const entry = { key: 'é\u0000', value: '😀', version: 2 }
  assert.deepEqual(await kv.get('acme', 'gate', 'é\u0000'), entry)
  assert.deepEqual(await kv.list('acme', 'gate', 'é', undefined, 5), [entry])
  assert.deepEqual(await kv.list('acme', 'gate', '', 'é\u0000', 5), [])
  assert.equal(await kv.get('acme', 'gate', 'gone'), undefined)
})

test('what is done at once is done in the order of asking', async (context) => {
  const { kv } = await opened(context)
  const set = (value: string, ifVersion: number | undefined) =>
    kv.set('acme', 'gate', 'k', value, ifVersion, ROOMY)
  const ended = await Promise.all([
    set('a', 0),
    kv.get('acme', 'gate', 'k'),
    set('b', 0),
    kv.delete('acme', 'gate', 'k', undefined),
    kv.get('acme', 'gate', 'k'),
    set('c', undefined),
  ])
  assert.deepEqual(ended, [
    { ok: true, version: 1 },
    { key: 'k', value: 'a', version: 1 },
    { ok: false, version: 1 },
    { ok: true, version: 0 },
    undefined,
    { ok: true, version: 2 },
  ])
})

test('both quotas reach the store: the plugin’s, and its tenant’s', async (context) => {
  const { kv } = await opened(context)
  const set = (pluginBytes: number, tenantBytes: number) =>
    kv.set('acme', 'gate', 'k', 'v', undefined, { pluginBytes, tenantBytes })
  assert.equal(await set(1, 2), 'full')
  assert.equal(await set(2, 1), 'full')
  assert.deepEqual(await set(2, Number.POSITIVE_INFINITY), { ok: true, version: 1 })
})
