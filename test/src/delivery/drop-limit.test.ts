import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BACKLOG_BYTES } from '../../../src/base/limits.ts'
import { sizeOf } from '../../../src/codec/message.ts'
import { limitOfDrop } from '../../../src/delivery/drop-limit.ts'
import { Outgoing } from '../../../src/session/outgoing.ts'
import { QueueRoom } from '../../../src/session/queue-room.ts'
import { Session } from '../../../src/session/session.ts'
import { received } from '../../support/messages.ts'
import { BOUNDS, TestLink, testClient, testSession } from '../../support/sessions.ts'

const SMALL = received({ topic: 'a' })
const LARGE = received({ topic: 'a', payload: Buffer.alloc(1000) })
const VIA = { subscriptionIds: null, filter: 'a', as: null }

test('a full queue names the bound that is met: messages, or bytes', () => {
  const session = testSession('ann', null, { ...BOUNDS, queuedMessages: 2, queuedBytes: 1000 })
  assert.deepEqual(limitOfDrop('queue-full', session, LARGE), { limit: 'queuedBytes', value: 1000 })
  for (let count = 0; count < 2; count += 1) {
    session.outbound.enqueue(new Outgoing(received({ topic: 'a' }), 1, false, VIA, 'due'))
  }
  assert.deepEqual(limitOfDrop('queue-full', session, SMALL), { limit: 'queuedMessages', value: 2 })
})

test('a packet that is too large names what its client takes; a slow client what may wait for it', () => {
  const link = new TestLink()
  link.maximumPacketSize = 64
  const session = testSession('ann', link)
  assert.deepEqual(limitOfDrop('too-large', session, SMALL), { limit: 'maximumPacketSize', value: 64 })
  assert.deepEqual(limitOfDrop('slow-client', session, SMALL), {
    limit: 'backlogBytes',
    value: BACKLOG_BYTES,
  })
})

test('what expires or is refused meets no bound', () => {
  const session = testSession('ann', null)
  assert.equal(limitOfDrop('expired', session, SMALL), undefined)
  assert.equal(limitOfDrop('denied', session, SMALL), undefined)
})

test('a session that has room names the bound of all of its tenant’s sessions', () => {
  const size = sizeOf(SMALL)
  const room = new QueueRoom(2, 3 * size)
  const [one, other] = ['ann', 'bob'].map((clientId) => new Session(testClient(clientId), 1, BOUNDS, room))
  assert.ok(one !== undefined && other !== undefined)
  assert.ok(one.outbound.enqueue(new Outgoing(SMALL, 1, false, VIA, 'due')))
  assert.equal(other.outbound.enqueue(new Outgoing(LARGE, 1, false, VIA, 'due')), false)
  assert.deepEqual(limitOfDrop('queue-full', other, LARGE), { limit: 'allQueuedBytes', value: 3 * size })
  assert.ok(other.outbound.enqueue(new Outgoing(SMALL, 1, false, VIA, 'due')))
  assert.equal(one.outbound.enqueue(new Outgoing(SMALL, 1, false, VIA, 'due')), false)
  assert.deepEqual(limitOfDrop('queue-full', one, SMALL), { limit: 'allQueuedMessages', value: 2 })
})
