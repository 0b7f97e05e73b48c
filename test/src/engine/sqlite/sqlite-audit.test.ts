import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { SqliteAudit } from '../../../../src/engine/sqlite/sqlite-audit.ts'
import { openedStore, stuckDisk } from '../../../support/recorded-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

const RECORD = { plugin: 'gate', digest: 'ab', event: 'fault', where: 'load', outcome: 'threw', count: 2 }

async function opened(context: TestContext, folder?: string) {
  const { store } = await openedStore(context, folder)
  return { store, audit: new SqliteAudit(store) }
}

test('records come back as they were, after a restart too', async (context) => {
  const folder = dataFolder()
  const earlier = await opened(context, folder)
  const records = ['acme', 'globex', 'acme'].map((tenant, at) => ({
    at,
    tenant,
    ...RECORD,
    detail: `"é" \u0000 ${at}`,
  }))
  for (const record of records) earlier.audit.append(record)
  assert.deepEqual(await earlier.audit.read(), records)
  await earlier.store.close()
  const { audit } = await opened(context, folder)
  assert.deepEqual(await audit.read(), records)
  assert.deepEqual(await audit.read({ tenant: 'acme' }), [records[0], records[2]])
  assert.deepEqual(await audit.read({ tenant: 'acme', limit: 1 }), [records[2]])
  assert.deepEqual(await audit.read({ tenant: '' }), [], 'a tenant without a name is not all of them')
})

test('nobody waits for a record: it leaves with what else its turn writes', async (context) => {
  const { store, audit } = await opened(context)
  audit.append({ at: 0, tenant: 'acme', ...RECORD, detail: '' })
  audit.append({ at: 1, tenant: 'acme', ...RECORD, detail: '' })
  assert.deepEqual([store.lastSafe, store.lastWritten, store.written], [0, 1, 2])
})

test('records that the disk does not take are counted, and the gap is told when it does', async (context) => {
  const folder = dataFolder()
  const recorded = await openedStore(context, folder)
  const audit = new SqliteAudit(recorded.store)
  const freed = stuckDisk(folder)
  const record = { at: 0, tenant: 'acme', ...RECORD, detail: '' }
  audit.append(record)
  await recorded.until(() => recorded.troubles.length > 0)
  while (!recorded.store.stuck) audit.append(record)
  const kept = recorded.store.written
  for (const _ of [1, 2, 3]) audit.append(record)
  assert.equal(recorded.store.written, kept)
  freed()
  await recorded.safe()
  audit.append(record)
  const [gap, last] = await audit.read({ limit: 2 })
  assert.deepEqual([gap?.event, gap?.count, last], ['audit.unkept', 3, record])
})
