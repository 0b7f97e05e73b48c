import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drain, redeliver } from '../../../src/delivery/drain.ts'
import { FanOut } from '../../../src/delivery/fan-out.ts'
import { queue, send } from '../../../src/delivery/send.ts'
import type { Session } from '../../../src/session/session.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import {
  acknowledgeAll,
  BOUNDS,
  TestLink,
  TestRealm,
  testClient,
  testSession,
} from '../../support/sessions.ts'

const VIA = { subscriptionIds: null, filter: '#', as: null }

/** Messages with these payloads wait for the session, yet to be checked. */
function wait(realm: TestRealm, session: Session, ...payloads: readonly string[]): void {
  for (const payload of payloads) {
    queue(realm, session, VIA, 1, false, new FanOut(received({ topic: 't', payload, qos: 1 })), 'due')
  }
}

/** The client comes back over a new connection. */
function reconnect(realm: TestRealm, session: Session, link: TestLink): void {
  session.link = link
  session.client = testClient(session.clientId)
  redeliver(realm, session, link)
}

test('what waits leaves in its order, as far as the window is open [MQTT-4.6.0-6]', () => {
  const link = new TestLink()
  link.receiveMaximum = 2
  const session = testSession('ann', link)
  const realm = new TestRealm()
  wait(realm, session, '1', '2', '3', '4', '5')
  drain(realm, session)
  assert.deepEqual(link.payloads(), ['1', '2'])
  session.outbound.settle(1)
  drain(realm, session)
  assert.deepEqual(link.payloads(), ['3'])
  acknowledgeAll(session)
  drain(realm, session)
  assert.deepEqual(link.payloads(), ['4', '5'])
})

test('for an absent client, or one that reads too slowly, nothing moves', () => {
  const link = new TestLink()
  link.congested = true
  const realm = new TestRealm()
  for (const session of [testSession('ann', null), testSession('bob', link)]) {
    wait(realm, session, '1')
    drain(realm, session)
    assert.equal(session.outbound.waiting.length, 1)
  }
  assert.deepEqual(link.packets(), [])
})

test('a message that expired while it waited is dropped, the others go on [MQTT-3.3.2-5]', (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  const link = new TestLink()
  const session = testSession('ann', link)
  const realm = new TestRealm()
  for (const [payload, seconds] of [
    ['short', 5],
    ['long', 60],
  ] as const) {
    const message = received({ topic: payload, payload, properties: { messageExpiryInterval: seconds } })
    queue(realm, session, VIA, 1, false, new FanOut(message), 'due')
  }
  wait(realm, session, 'for ever')
  context.mock.timers.setTime(1_005_000)
  drain(realm, session)
  const packets = link.publishes()
  assert.deepEqual(
    packets.map(({ messageId, payload, properties }) => [
      messageId,
      String(payload),
      properties?.messageExpiryInterval,
    ]),
    // the gap in the packet identifiers tells the client that something is missing
    [
      [2, 'long', 55],
      [3, 'for ever', undefined],
    ],
  )
  assert.deepEqual(realm.drops, [{ clientId: 'ann', topic: 'short', reason: 'expired' }])
})

test('what waits but is above the maximum packet size is over as if sent, identifier and all [MQTT-3.1.2-25]', () => {
  const link = new TestLink()
  link.maximumPacketSize = 20
  const session = testSession('ann', link)
  const realm = new TestRealm()
  wait(realm, session, 'x'.repeat(20), 'small')
  drain(realm, session)
  assert.deepEqual(
    link.publishes().map(({ messageId, payload }) => [messageId, String(payload)]),
    [[2, 'small']],
  )
  assert.deepEqual(realm.drops, [{ clientId: 'ann', topic: 't', reason: 'too-large' }])
})

test('what was in flight goes first, with DUP and its identifier; then what waits [MQTT-4.4.0-1]', () => {
  const session = testSession('ann', new TestLink())
  const realm = new TestRealm()
  for (const payload of ['1', '2']) {
    send(realm, session, VIA, 2, true, new FanOut(received({ topic: 't', payload, qos: 2 })))
  }
  session.link = null
  wait(realm, session, '3')
  const link = new TestLink(4)
  reconnect(realm, session, link)
  assert.deepEqual(
    link.publishes().map(({ messageId, dup, qos, retain, payload }) => ({
      messageId,
      dup,
      qos,
      retain,
      payload: String(payload),
    })),
    [
      { messageId: 1, dup: true, qos: 2, retain: true, payload: '1' },
      { messageId: 2, dup: true, qos: 2, retain: true, payload: '2' },
      { messageId: 3, dup: false, qos: 1, retain: false, payload: '3' },
    ],
  )
})

test('what the client has received is only released by PUBREL, never sent again [MQTT-4.3.3-7]', () => {
  const session = testSession('ann', new TestLink())
  const realm = new TestRealm()
  for (const payload of ['1', '2']) {
    send(realm, session, VIA, 2, false, new FanOut(received({ topic: 't', payload, qos: 2 })))
  }
  const first = session.outbound.inflight.get(1)
  assert.ok(first)
  first.released = true
  const link = new TestLink()
  reconnect(realm, session, link)
  assert.deepEqual(
    link.packets().map(({ cmd, messageId }) => [cmd, messageId]),
    [
      ['pubrel', 1],
      ['publish', 2],
    ],
  )
})

test('a client that returns with a smaller window gets the rest as it acknowledges [MQTT-3.3.4-9]', () => {
  const session = testSession('ann', new TestLink())
  const realm = new TestRealm()
  for (const payload of ['1', '2', '3']) {
    send(realm, session, VIA, 1, false, new FanOut(received({ topic: 't', payload, qos: 1 })))
  }
  session.link = null
  wait(realm, session, '4')
  const link = new TestLink()
  link.receiveMaximum = 1
  reconnect(realm, session, link)
  const seen: unknown[] = []
  for (let id = 1; id <= 4; id += 1) {
    const packets = link.publishes()
    assert.equal(packets.length, 1)
    seen.push(...packets.map(({ messageId, dup, payload }) => [messageId, dup, String(payload)]))
    session.outbound.settle(id)
    drain(realm, session)
  }
  assert.deepEqual(seen, [
    [1, true, '1'],
    [2, true, '2'],
    [3, true, '3'],
    [4, false, '4'],
  ])
})

test('a new message does not overtake what is still to be sent again', () => {
  const session = testSession('ann', new TestLink())
  const realm = new TestRealm()
  for (const payload of ['1', '2']) {
    send(realm, session, VIA, 1, false, new FanOut(received({ topic: 't', payload, qos: 1 })))
  }
  const link = new TestLink()
  link.receiveMaximum = 1
  reconnect(realm, session, link)
  send(realm, session, VIA, 1, false, new FanOut(received({ topic: 't', payload: '3', qos: 1 })))
  session.outbound.settle(1)
  drain(realm, session)
  session.outbound.settle(2)
  drain(realm, session)
  assert.deepEqual(link.payloads(), ['1', '2', '3'])
})

test('what is in flight but too large for the new connection is dropped [MQTT-3.1.2-25]', () => {
  const session = testSession('ann', new TestLink())
  const realm = new TestRealm()
  for (const payload of ['x'.repeat(50), 'small']) {
    send(realm, session, VIA, 1, false, new FanOut(received({ topic: 't', payload, qos: 1 })))
  }
  const link = new TestLink()
  link.maximumPacketSize = 30
  reconnect(realm, session, link)
  assert.deepEqual(link.payloads(), ['small'])
  assert.deepEqual([...session.outbound.inflight.keys()], [2])
  assert.deepEqual(realm.drops, [{ clientId: 'ann', topic: 't', reason: 'too-large' }])
})

test('what waited is asked about as queued, a few ahead of the window and each once', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const link = new TestLink()
  link.receiveMaximum = 1
  const session = testSession('ann', link)
  const realm = new TestRealm(hooksOf([plugin]))
  wait(realm, session, ...Array.from({ length: 40 }, (_, place) => `${place}`))
  drain(realm, session)
  drain(realm, session)
  assert.equal(plugin.asked.length, 32)
  assert.equal(plugin.question(0).event['cause'], 'queued')
  assert.deepEqual(link.packets(), [])
  plugin.question(0).answer({ verdict: 'allow' })
  assert.deepEqual(link.payloads(), ['0'])
  assert.equal(plugin.asked.length, 33)
})

test('answers may come in any order, the messages leave in theirs; a refused one is left out', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const link = new TestLink()
  const session = testSession('ann', link)
  const realm = new TestRealm(hooksOf([plugin]))
  wait(realm, session, '1', '2', '3')
  drain(realm, session)
  plugin.question(2).answer({ verdict: 'allow' })
  plugin.question(1).answer({ verdict: 'deny' })
  assert.deepEqual(link.packets(), [])
  plugin.question(0).answer({ verdict: 'allow' })
  assert.deepEqual(link.payloads(), ['1', '3'])
  assert.deepEqual(realm.drops, [{ clientId: 'ann', topic: 't', reason: 'denied' }])
})

test('answers within the question, as of an overload, empty a queue of any length without nesting', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  plugin.reply = 'overload'
  const count = 20_000
  const bounds = { ...BOUNDS, queuedMessages: count, queuedBytes: count * 10 }
  const session = testSession('ann', new TestLink(), bounds)
  const realm = new TestRealm(hooksOf([plugin]))
  wait(realm, session, ...new Array<string>(count).fill('x'))
  drain(realm, session)
  assert.equal(plugin.asked.length, count)
  assert.equal(realm.drops.length, count)
  assert.equal(session.outbound.waiting.length, 0)
})

test('an answer about who the client was does not let the message out to who it is now', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const link = new TestLink()
  const session = testSession('ann', link)
  const realm = new TestRealm(hooksOf([plugin]))
  wait(realm, session, '1')
  drain(realm, session)
  const returned = new TestLink()
  reconnect(realm, session, returned)
  assert.equal(plugin.asked.length, 2)
  plugin.question(0).answer({ verdict: 'allow' })
  assert.deepEqual(returned.packets(), [])
  plugin.question(1).answer({ verdict: 'deny' })
  assert.deepEqual(returned.packets(), [])
  assert.deepEqual(realm.drops, [{ clientId: 'ann', topic: 't', reason: 'denied' }])
})

test('what waits leaves by the name that its client asked for, and again by that name', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const link = new TestLink()
  const session = testSession('ann', link)
  const via = { subscriptionIds: [4], filter: 'home/#', as: 'lamp' }
  queue(realm, session, via, 1, false, new FanOut(received({ topic: 'home/lamp', qos: 1 })), 'due')
  drain(realm, session)
  const { message, targets } = plugin.question(0).event as {
    message: { topic: string }
    targets: { filter: string }[]
  }
  assert.deepEqual([message.topic, targets[0]?.filter], ['home/lamp', 'home/#'])
  plugin.question(0).answer({ verdict: 'allow' })
  const [first] = link.publishes()
  assert.deepEqual([first?.topic, first?.properties?.subscriptionIdentifier], ['lamp', 4])
  const back = new TestLink()
  reconnect(realm, session, back)
  plugin.question(1).answer({ verdict: 'allow' })
  assert.deepEqual(
    back.publishes().map(({ topic, dup }) => ({ topic, dup })),
    [{ topic: 'lamp', dup: true }],
  )
})

test('what plugins change of a waiting message is what is sent, and what is sent again', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const link = new TestLink()
  const session = testSession('ann', link)
  wait(realm, session, '1', '2')
  drain(realm, session)
  for (const [place, patch] of [
    { payload: Buffer.from('changed') },
    { payload: Buffer.from('once'), qos: 0 as const },
  ].entries()) {
    const groups = [{ targets: [0], patch }]
    plugin.question(place).answer({ verdict: 'recipients', default: 'allow', except: [], groups })
  }
  assert.deepEqual(link.payloads(), [])
  assert.equal(plugin.question(2).event['cause'], 'queued')
  plugin.question(2).answer({ verdict: 'allow' })
  plugin.question(3).answer({ verdict: 'allow' })
  assert.deepEqual(
    link.publishes().map(({ payload, qos }) => [String(payload), qos]),
    [
      ['changed', 1],
      ['once', 0],
    ],
  )
  assert.equal(session.outbound.waitingBytes, 0)
  const back = new TestLink()
  reconnect(realm, session, back)
  const groups = [{ targets: [0], patch: { payload: Buffer.from('changed') } }]
  plugin.question(4).answer({ verdict: 'recipients', default: 'allow', except: [], groups })
  plugin.question(5).answer({ verdict: 'allow' })
  assert.deepEqual(
    back.publishes().map(({ payload, dup }) => [String(payload), dup]),
    [['changed', true]],
  )
})

test('who has become somebody else while plugins were asked is asked about anew, on the same connection', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const link = new TestLink()
  const session = testSession('ann', link)
  wait(realm, session, '1')
  drain(realm, session)
  session.client = testClient('ann', { principal: 'bob' })
  plugin.question(0).answer({ verdict: 'allow' })
  assert.deepEqual(link.payloads(), [])
  const { targets } = plugin.question(1).event as { targets: { client: { principal: string } }[] }
  assert.equal(targets[0]?.client.principal, 'bob')
  plugin.question(1).answer({ verdict: 'deny' })
  assert.deepEqual([link.payloads(), realm.drops.length], [[], 1])
})
