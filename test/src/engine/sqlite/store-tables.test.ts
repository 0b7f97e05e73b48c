import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../../../src/engine/sqlite/open-store.ts'
import { Operation, OperationWriter } from '../../../../src/engine/sqlite/operations.ts'
import { StoreTables } from '../../../../src/engine/sqlite/store-tables.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

const retained = (to: OperationWriter, topic: string) =>
  to.u8(Operation.setRetained).text('acme').text(topic).blob(Buffer.from(topic))

test('a batch is done whole, and its number is kept', () => {
  const tables = new StoreTables(openStore(dataFolder(), 'os'))
  const batch = new OperationWriter(1)
  retained(batch, 'a')
  batch.u8(Operation.kvGet).u32(5).text('acme').text('gate').text('k')
  assert.deepEqual(tables.commit({ number: 1, bytes: batch.bytes }), [{ ask: 5, value: undefined }])
  assert.equal(tables.lastBatch, 1)
})

test('of a batch with a mistake nothing is done', () => {
  const database = openStore(dataFolder(), 'os')
  const tables = new StoreTables(database)
  const batch = new OperationWriter(1)
  retained(batch, 'a')
  batch.u8(200)
  assert.throws(() => tables.commit({ number: 1, bytes: batch.bytes }))
  const after = new StoreTables(database)
  assert.deepEqual([[...after.sessions.retained()], after.lastBatch], [[], 0])
})
