import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '../../../src/codec/message.ts'
import { FanOut } from '../../../src/delivery/fan-out.ts'
import { drain } from '../../../src/delivery/drain.ts'
import { queue, send, sendForm } from '../../../src/delivery/send.ts'
import { received } from '../../support/messages.ts'
import { BOUNDS, TestLink, TestRealm, testSession } from '../../support/sessions.ts'

const VIA = { subscriptionIds: null, filter: '#', as: null }

function numbered(payload: string): Message {
  return received({ topic: 't', payload, qos: 2 })
}

test('QoS 0 leaves at once, without a packet identifier [MQTT-2.2.1-2]', () => {
  const link = new TestLink()
  const session = testSession('ann', link)
  send(new TestRealm(), session, VIA, 0, false, new FanOut(numbered('hi')))
  const [packet] = link.publishes()
  assert.deepEqual([packet?.qos, packet?.messageId, String(packet?.payload)], [0, undefined, 'hi'])
  assert.equal(session.outbound.inflight.size, 0)
})

test('QoS 1 and 2 leave at once with identifiers of their own, and stay in flight until acknowledged', () => {
  const link = new TestLink()
  const session = testSession('ann', link)
  const realm = new TestRealm()
  for (const qos of [1, 2] as const) send(realm, session, VIA, qos, true, new FanOut(numbered(`${qos}`)))
  assert.deepEqual(
    link.publishes().map(({ qos, messageId, retain, dup }) => ({ qos, messageId, retain, dup })),
    [
      { qos: 1, messageId: 1, retain: true, dup: false },
      { qos: 2, messageId: 2, retain: true, dup: false },
    ],
  )
  assert.deepEqual([...session.outbound.inflight.keys()], [1, 2])
})

test('QoS 0 is not kept for an absent client, and lost without a word', () => {
  const session = testSession('ann', null)
  const realm = new TestRealm()
  send(realm, session, VIA, 0, false, new FanOut(numbered('hi')))
  assert.equal(session.outbound.waiting.length, 0)
  assert.deepEqual(realm.drops, [])
})

test('QoS 0 is dropped for a client that reads too slowly', () => {
  const link = new TestLink()
  link.congested = true
  const realm = new TestRealm()
  send(realm, testSession('ann', link), VIA, 0, false, new FanOut(numbered('hi')))
  assert.deepEqual(link.packets(), [])
  assert.deepEqual(realm.drops, [{ clientId: 'ann', topic: 't', reason: 'slow-client' }])
})

test('QoS 1 and 2 wait for an absent client, to be checked when it is there to see them', () => {
  const session = testSession('ann', null)
  send(
    new TestRealm(),
    session,
    { subscriptionIds: [3], filter: 't', as: null },
    1,
    false,
    new FanOut(numbered('hi')),
  )
  const waiting = session.outbound.waiting.at(0)
  assert.equal(waiting?.check, 'due')
  assert.equal(waiting?.filter, 't')
  assert.deepEqual(waiting?.subscriptionIds, [3])
})

test('with a full window QoS 1 and 2 wait, checked already [MQTT-3.3.4-9]', () => {
  const link = new TestLink()
  link.receiveMaximum = 1
  const session = testSession('ann', link)
  const realm = new TestRealm()
  for (const payload of ['1', '2', '3']) send(realm, session, VIA, 1, false, new FanOut(numbered(payload)))
  assert.deepEqual(link.payloads(), ['1'])
  assert.equal(session.outbound.waiting.length, 2)
  assert.equal(session.outbound.waiting.at(0)?.check, 'allowed')
})

test('a full window holds up no QoS 0', () => {
  const link = new TestLink()
  link.receiveMaximum = 1
  const session = testSession('ann', link)
  const realm = new TestRealm()
  send(realm, session, VIA, 1, false, new FanOut(numbered('1')))
  send(realm, session, VIA, 0, false, new FanOut(numbered('2')))
  assert.deepEqual(link.payloads(), ['1', '2'])
})

test('a packet above the maximum packet size is not sent, at any QoS [MQTT-3.1.2-24]', () => {
  for (const qos of [0, 1, 2] as const) {
    const link = new TestLink()
    const realm = new TestRealm()
    const session = testSession('ann', link)
    const fan = new FanOut(received({ topic: 't', payload: 'x'.repeat(50), qos: 2 }))
    const encoded = fan.encoded(5, qos, false, null)
    link.maximumPacketSize = encoded.end - encoded.start - 1
    send(realm, session, VIA, qos, false, fan)
    assert.deepEqual(link.packets(), [])
    assert.deepEqual(realm.drops, [{ clientId: 'ann', topic: 't', reason: 'too-large' }])
    assert.equal(session.outbound.inflight.size, 0)
    link.maximumPacketSize += 1
    send(realm, session, VIA, qos, false, fan)
    // over as if it had been sent, with its identifier [MQTT-3.1.2-25]
    assert.deepEqual(
      link.publishes().map(({ messageId }) => messageId),
      [qos === 0 ? undefined : 2],
    )
  }
})

test('a full queue drops the newest message and says so', () => {
  const session = testSession('ann', null, { ...BOUNDS, queuedMessages: 1 })
  const realm = new TestRealm()
  queue(realm, session, VIA, 1, false, new FanOut(received({ topic: 'first' })), 'due')
  queue(realm, session, VIA, 1, false, new FanOut(received({ topic: 'second' })), 'due')
  assert.deepEqual(realm.drops, [{ clientId: 'ann', topic: 'second', reason: 'queue-full' }])
  assert.equal(session.outbound.waiting.at(0)?.message.topic, 'first')
})

test('what waits does not pin the chunk that it was read with', () => {
  const session = testSession('ann', null)
  const message = numbered('hi')
  queue(new TestRealm(), session, VIA, 1, false, new FanOut(message), 'due')
  assert.notEqual(session.outbound.waiting.at(0)?.message.payloadBuffer.buffer, message.payloadBuffer.buffer)
})

/** A tenant whose operator has QoS 0 wait as well. */
function waitingRealm(): TestRealm {
  const realm = new TestRealm()
  realm.delivery = { upgradeOutgoingQos: false, queueQos0Messages: true }
  return realm
}

test('where the operator wants it, QoS 0 waits for an absent client, within the bounds of its queue', () => {
  const session = testSession('ann', null, { ...BOUNDS, queuedMessages: 1 })
  const realm = waitingRealm()
  for (const payload of ['1', '2']) send(realm, session, VIA, 0, false, new FanOut(numbered(payload)))
  assert.equal(session.outbound.waiting.length, 1)
  assert.deepEqual(
    realm.drops.map(({ reason }) => reason),
    ['queue-full'],
  )
  const link = new TestLink()
  session.link = link
  drain(realm, session)
  assert.deepEqual(
    link.publishes().map(({ qos, payload }) => [qos, String(payload)]),
    [[0, '1']],
  )
  assert.equal(session.outbound.inflight.size, 0)
})

test('[MQTT-4.6.0-6] then it overtakes nothing that waits', () => {
  const session = testSession('ann', null)
  const realm = waitingRealm()
  send(realm, session, VIA, 0, false, new FanOut(numbered('first')))
  const link = new TestLink()
  session.link = link
  send(realm, session, VIA, 0, false, new FanOut(numbered('second')))
  const changed = new FanOut(numbered('third'))
  const form = { message: changed.message, qos: 0, retain: false, as: null } as const
  sendForm(realm, { session, via: VIA, qos: 1, retain: false }, new FanOut(numbered('3')), form, changed)
  assert.deepEqual(link.publishes(), [])
  drain(realm, session)
  assert.deepEqual(link.payloads(), ['first', 'second', 'third'])
  send(realm, session, VIA, 0, false, new FanOut(numbered('fourth')))
  assert.deepEqual(link.payloads(), ['fourth'])
})
