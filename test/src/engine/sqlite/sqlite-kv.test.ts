import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataFolder, newSqliteEngine } from '../../../support/sqlite-engine.ts'

const PORTS = { route: () => true, settled: () => undefined, restored: () => null, troubled: () => undefined }
const ROOMY = { pluginBytes: 1000, tenantBytes: 1000 }

test('what plugins keep, and how far their versions have come, outlives the process', async () => {
  const folder = dataFolder()
  const first = newSqliteEngine(folder)
  await first.start(PORTS)
  await first.kv.set('acme', 'gate', 'gone', 'x', undefined, ROOMY)
  await first.kv.delete('acme', 'gate', 'gone', 1)
  await first.kv.set('acme', 'gate', 'k', 'kept', 0, ROOMY)
  await first.stop()
  const second = newSqliteEngine(folder)
  await second.start(PORTS)
  assert.deepEqual(await second.kv.get('acme', 'gate', 'k'), { key: 'k', value: 'kept', version: 2 })
  assert.deepEqual(await second.kv.list('acme', 'gate', '', undefined, 10), [
    { key: 'k', value: 'kept', version: 2 },
  ])
  assert.deepEqual(await second.kv.set('acme', 'gate', 'gone', 'new', 0, ROOMY), { ok: true, version: 3 })
  await second.stop()
})
