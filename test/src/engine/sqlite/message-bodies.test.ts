import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessageBodies } from '../../../../src/engine/sqlite/message-bodies.ts'
import { Store } from '../../../../src/engine/sqlite/store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'
import { eventually } from '../../../support/processes.ts'

test('a body is written once a batch, however many queues it is for', async () => {
  const store = new Store(dataFolder(), 'os', {
    session: () => undefined,
    retained: () => undefined,
    settled: () => undefined,
    troubled: () => undefined,
  })
  await store.open()
  let encoded = 0
  const codec = {
    encode: () => {
      encoded += 1
      return Buffer.from('body')
    },
    decode: () => ({}),
  }
  const bodies = new MessageBodies(store, codec)
  const message = {}
  const mid = bodies.midOf(message)
  assert.equal(bodies.midOf(message), mid)
  assert.notEqual(bodies.midOf({}), mid)
  assert.equal(encoded, 2)
  await eventually(() => store.lastSafe === store.lastWritten)
  // nobody refers to it: it is gone by now
  assert.notEqual(bodies.midOf(message), mid)
  await store.close()
})
