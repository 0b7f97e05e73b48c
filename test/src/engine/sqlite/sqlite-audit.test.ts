import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataFolder, newSqliteEngine } from '../../../support/sqlite-engine.ts'

const PORTS = { route: () => true, settled: () => undefined, restored: () => null, troubled: () => undefined }

test('a record that was written right before the end is read after it', async () => {
  const folder = dataFolder()
  const record = {
    at: 1,
    tenant: 'acme',
    plugin: 'gate',
    digest: '',
    event: 'capability.denied',
    where: 'publish',
    outcome: '',
    detail: 'ünïcode',
    count: 1,
  }
  const first = newSqliteEngine(folder)
  await first.start(PORTS)
  first.audit.append(record)
  await first.stop()
  const second = newSqliteEngine(folder)
  await second.start(PORTS)
  assert.deepEqual(await second.audit.read({ tenant: 'acme' }), [record])
  await second.stop()
})
