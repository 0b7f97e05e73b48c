import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { MemoryRetained } from '../../../../src/engine/memory/memory-retained.ts'
import { SqliteRetained } from '../../../../src/engine/sqlite/sqlite-retained.ts'
import { Tickets } from '../../../../src/engine/sqlite/tickets.ts'
import { newIndex } from '../../../support/memory-engine.ts'
import { looked, openedStore } from '../../../support/recorded-store.ts'
import { dataFolder, JSON_CODEC } from '../../../support/sqlite-engine.ts'

interface Message {
  readonly size: number | bigint
}

async function opened(context: TestContext, folder?: string) {
  const stage = await openedStore(context, folder)
  const tickets = new Tickets(stage.store, () => undefined)
  const memory = new MemoryRetained<Message>(newIndex)
  const retained = new SqliteRetained<Message>(memory, stage.store, JSON_CODEC, tickets)
  const match = (filter: string) => {
    const found: Message[] = []
    retained.match('acme', filter, { retained: (message) => found.push(message) > 0, done: () => undefined })
    return found
  }
  return { stage, retained, match }
}

test('a message is matched at once, and safe when its ticket is settled', async (context) => {
  const folder = dataFolder()
  const { stage, retained, match } = await opened(context, folder)
  const tickets = [retained.set('acme', 'a', { size: 1 }), retained.set('acme', 'b', { size: 2 })]
  assert.deepEqual(tickets, [1, 1])
  assert.deepEqual(match('a'), [{ size: 1 }])
  assert.equal(retained.count('acme'), 2)
  await stage.safe()
  assert.equal(retained.clear('acme', 'a'), 2)
  assert.deepEqual(match('a'), [])
  await stage.safe()
  const rows = looked(folder, 'SELECT tenant, topic, body FROM retained')
  assert.deepEqual(rows, [{ tenant: 'acme', topic: 'b', body: new Uint8Array(Buffer.from('{"size":2}')) }])
})

test('a message that cannot be written down is not retained, and the batch stays whole', async (context) => {
  const folder = dataFolder()
  const { stage, retained, match } = await opened(context, folder)
  assert.throws(() => retained.set('acme', 'a', { size: 1n }), TypeError)
  retained.set('acme', 'b', { size: 2 })
  await stage.safe()
  assert.deepEqual(match('#'), [{ size: 2 }])
  assert.equal(looked(folder, 'SELECT topic FROM retained').length, 1)
})
