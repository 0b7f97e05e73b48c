import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drain, redeliver } from '../../../src/delivery/drain.ts'
import { FanOut } from '../../../src/delivery/fan-out.ts'
import { queue, send } from '../../../src/delivery/send.ts'
import type { Session } from '../../../src/session/session.ts'
import { TopicAliases } from '../../../src/session/topic-aliases.ts'
import { received } from '../../support/messages.ts'
import { RecordedLog } from '../../support/recorded-log.ts'
import { acknowledgeAll, TestLink, TestRealm, testSession } from '../../support/sessions.ts'

const VIA = { subscriptionIds: null, filter: '#', as: null }

function aliasedLink(maximum: number): TestLink {
  const link = new TestLink()
  link.topicAliases = new TopicAliases(maximum)
  return link
}

function sendTo(session: Session, topic: string, qos: 0 | 1 | 2, realm: TestRealm = new TestRealm()): void {
  send(realm, session, VIA, qos, false, new FanOut(received({ topic, qos })))
}

/** Topic and alias of each packet that has left. */
function names(link: TestLink): readonly unknown[] {
  return link.publishes().map(({ topic, properties }) => [topic, properties?.topicAlias])
}

test('a client that takes aliases is told the name with the first message, and the alias alone with the next', () => {
  const link = aliasedLink(10)
  const session = testSession('ann', link)
  for (const qos of [0, 1, 2] as const) sendTo(session, 'long/name', qos)
  sendTo(session, 'other', 0)
  assert.deepEqual(names(link), [
    ['long/name', 1],
    ['', 1],
    ['', 1],
    ['other', 2],
  ])
})

test('a client that takes none gets none [MQTT-3.1.2-27]', () => {
  const link = new TestLink()
  const session = testSession('ann', link)
  for (const qos of [0, 0, 1] as const) sendTo(session, 't', qos)
  assert.deepEqual(names(link), [
    ['t', undefined],
    ['t', undefined],
    ['t', undefined],
  ])
})

test('above the maximum of the client topics go by their names [MQTT-3.1.2-26]', () => {
  const link = aliasedLink(1)
  const session = testSession('ann', link)
  for (const topic of ['a', 'b', 'b', 'a']) sendTo(session, topic, 0)
  assert.deepEqual(names(link), [
    ['a', 1],
    ['b', undefined],
    ['b', undefined],
    ['', 1],
  ])
})

test('a recipient that gets a message by another name has an alias for that name', () => {
  const link = aliasedLink(10)
  const session = testSession('ann', link)
  const fan = new FanOut(received({ topic: 'theirs' }))
  for (const as of ['mine', null, 'mine']) send(new TestRealm(), session, { ...VIA, as }, 0, false, fan)
  assert.deepEqual(names(link), [
    ['mine', 1],
    ['theirs', 2],
    ['', 1],
  ])
})

test('what is sent decides whether it is within the maximum packet size [MQTT-3.1.2-24]', () => {
  const link = aliasedLink(10)
  const session = testSession('ann', link)
  const realm = new TestRealm()
  // as it is it has 5 + 10 + 2 bytes; with an alias and its name 20, by the alias alone 10
  const topic = '0123456789'
  link.maximumPacketSize = 17
  sendTo(session, topic, 0, realm)
  assert.deepEqual(names(link), [[topic, undefined]], 'without an alias, which it is too large with')
  link.maximumPacketSize = 20
  sendTo(session, topic, 0, realm)
  assert.deepEqual(names(link), [[topic, 1]])
  link.maximumPacketSize = 10
  sendTo(session, topic, 0, realm)
  assert.deepEqual(names(link), [['', 1]], 'by the alias alone it fits')
  link.maximumPacketSize = 9
  for (const qos of [0, 1] as const) sendTo(session, topic, qos, realm)
  assert.deepEqual(link.packets(), [])
  assert.deepEqual(
    realm.drops.map(({ reason }) => reason),
    ['too-large', 'too-large'],
  )
  assert.equal(session.outbound.inflight.size, 0)
})

test('what waited goes by aliases too, and what is sent again by its name [MQTT-3.3.2-7]', () => {
  const realm = new TestRealm()
  const link = aliasedLink(10)
  const session = testSession('ann', link)
  for (let count = 0; count < 2; count += 1)
    queue(realm, session, VIA, 1, false, new FanOut(received({ topic: 't', qos: 1 })), 'allowed')
  drain(realm, session)
  assert.deepEqual(names(link), [
    ['t', 1],
    ['', 1],
  ])
  const next = aliasedLink(10)
  session.link = next
  redeliver(realm, session, next)
  sendTo(session, 't', 0, realm)
  assert.deepEqual(names(next), [
    ['t', undefined],
    ['t', undefined],
    ['t', 1],
  ])
})

test('packet identifiers of a session count from 1, whatever its connections [MQTT-2.2.1-4]', () => {
  const link = new TestLink()
  const session = testSession('ann', link)
  for (const qos of [1, 2, 1] as const) sendTo(session, 't', qos)
  assert.deepEqual(
    link.publishes().map(({ messageId }) => messageId),
    [1, 2, 3],
  )
  acknowledgeAll(session)
  session.link = new TestLink()
  sendTo(session, 't', 1)
  assert.deepEqual([...session.outbound.inflight.keys()], [4])
})

test('[MQTT-4.3.3-1] what is written down leaves at QoS 2 when its packet identifier is safe, and others before', () => {
  const link = aliasedLink(10)
  const session = testSession('ann', link)
  const log = new RecordedLog()
  session.log = log
  for (const qos of [2, 1, 0] as const) sendTo(session, 't', qos)
  assert.deepEqual(
    link.publishes().map(({ qos, messageId }) => [qos, messageId]),
    [
      [1, 2],
      [0, undefined],
    ],
  )
  log.safe()
  const [packet] = link.publishes()
  // by its name: what it would have had an alias for may have left before it
  assert.deepEqual(
    [packet?.qos, packet?.messageId, packet?.topic, packet?.properties?.topicAlias],
    [2, 1, 't', undefined],
  )
})

test('what is over by the time that it is safe does not leave, nor what another connection has sent again', () => {
  for (const meanwhile of ['settled', 'gone', 'back']) {
    const link = new TestLink()
    const session = testSession('ann', link)
    const log = new RecordedLog()
    session.log = log
    sendTo(session, 't', 2)
    if (meanwhile === 'settled') session.outbound.settle(1)
    else session.link = meanwhile === 'gone' ? null : new TestLink()
    log.safe()
    assert.deepEqual(link.publishes(), [], meanwhile)
  }
})

test('[MQTT-3.1.2-24] what is too large for its client is not written down as sent', () => {
  const link = new TestLink()
  link.maximumPacketSize = 5
  const session = testSession('ann', link)
  const log = new RecordedLog()
  session.log = log
  sendTo(session, 'a/long/topic', 2)
  assert.deepEqual([log.rows.size, session.outbound.inflight.size], [0, 0])
})
