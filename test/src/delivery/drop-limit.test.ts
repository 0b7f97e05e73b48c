import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BACKLOG_BYTES } from '../../../src/base/limits.ts'
import { limitOfDrop } from '../../../src/delivery/drop-limit.ts'
import { Outgoing } from '../../../src/session/outgoing.ts'
import { received } from '../../support/messages.ts'
import { BOUNDS, TestLink, testSession } from '../../support/sessions.ts'

const VIA = { subscriptionIds: null, filter: 'a', as: null }

test('a full queue names the bound that is met: messages, or bytes', () => {
  const session = testSession('ann', null, { ...BOUNDS, queuedMessages: 2, queuedBytes: 1000 })
  assert.deepEqual(limitOfDrop('queue-full', session), { limit: 'queuedBytes', value: 1000 })
  for (let count = 0; count < 2; count += 1) {
    session.outbound.enqueue(new Outgoing(received({ topic: 'a' }), 1, false, VIA, 'due'))
  }
  assert.deepEqual(limitOfDrop('queue-full', session), { limit: 'queuedMessages', value: 2 })
})

test('a packet that is too large names what its client takes; a slow client what may wait for it', () => {
  const link = new TestLink()
  link.maximumPacketSize = 64
  const session = testSession('ann', link)
  assert.deepEqual(limitOfDrop('too-large', session), { limit: 'maximumPacketSize', value: 64 })
  assert.deepEqual(limitOfDrop('slow-client', session), { limit: 'backlogBytes', value: BACKLOG_BYTES })
})

test('what expires or is refused meets no bound', () => {
  const session = testSession('ann', null)
  assert.equal(limitOfDrop('expired', session), undefined)
  assert.equal(limitOfDrop('denied', session), undefined)
})
