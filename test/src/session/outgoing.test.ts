import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMessage } from '../../../src/codec/message.ts'
import { Outgoing } from '../../../src/session/outgoing.ts'

test('what is owed waits as it was published, not yet written down', () => {
  const published = createMessage({ topic: 't', payload: Buffer.from('p'), qos: 1, retain: false })
  const outgoing = new Outgoing(published, 1, false, { subscriptionIds: null, filter: '#', as: null }, 'due')
  assert.equal(outgoing.published, published)
  assert.deepEqual([outgoing.place, outgoing.isChanged, outgoing.released], [0, false, false])
})
