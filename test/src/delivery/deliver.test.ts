import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  DELIVERED_AT_ONCE_COST,
  DELIVERY_COST,
  SEARCH_COST,
  SEARCHED_AT_ONCE,
} from '../../../src/base/limits.ts'
import { sizeOf } from '../../../src/codec/message.ts'
import { deliver, deliverRetained } from '../../../src/delivery/deliver.ts'
import type { Session } from '../../../src/session/session.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { TestLink, TestRealm, testSession } from '../../support/sessions.ts'
import { CountedTurns } from '../../support/turns.ts'

/** A connected client. */
function online(clientId: string, version: 3 | 4 | 5 = 5): { link: TestLink; session: Session } {
  const link = new TestLink(version)
  return { link, session: testSession(clientId, link) }
}

function ascending(one = 0, other = 0): number {
  return one - other
}

test('each delivery has the lower of the QoS published and granted [MQTT-3.8.4-8]', () => {
  for (const published of [0, 1, 2] as const) {
    for (const granted of [0, 1, 2] as const) {
      const { link, session } = online('ann')
      const realm = new TestRealm()
      realm.subscribe(session, 't', { qos: granted })
      deliver(realm, received({ topic: 't', qos: published }))
      assert.equal(link.publishes()[0]?.qos, Math.min(published, granted))
    }
  }
})

test('a live message has no retain flag, unless retain as published asks for it [MQTT-3.3.1-12]', () => {
  const plain = online('ann')
  const faithful = online('bob')
  const realm = new TestRealm()
  realm.subscribe(plain.session, 't')
  realm.subscribe(faithful.session, 't', { retainAsPublished: true })
  deliver(realm, received({ topic: 't', retain: true }))
  deliver(realm, received({ topic: 't', retain: false }))
  assert.deepEqual(
    plain.link.publishes().map(({ retain }) => retain),
    [false, false],
  )
  assert.deepEqual(
    faithful.link.publishes().map(({ retain }) => retain),
    [true, false],
  )
})

test('overlapping subscriptions bring one copy, with all their identifiers [MQTT-3.3.4-3]', () => {
  const { link, session } = online('ann')
  const realm = new TestRealm()
  realm.subscribe(session, 'a/#', { qos: 1, subscriptionId: 7 })
  realm.subscribe(session, 'a/+', { qos: 2, subscriptionId: 8 })
  deliver(realm, received({ topic: 'a/b', qos: 2 }))
  const [packet, ...more] = link.publishes()
  assert.deepEqual(more, [])
  assert.equal(packet?.qos, 2)
  assert.deepEqual([packet?.properties?.subscriptionIdentifier].flat().sort(ascending), [7, 8])
})

test('a no local subscription brings nobody their own message [MQTT-3.8.3-3]', () => {
  const ann = online('ann')
  const bob = online('bob')
  const realm = new TestRealm()
  for (const { session } of [ann, bob]) realm.subscribe(session, 't', { noLocal: true })
  const message = received({ topic: 't' })
  message.origin = ann.session
  deliver(realm, message)
  assert.deepEqual(ann.link.payloads(), [])
  assert.deepEqual(bob.link.payloads(), ['hi'])
})

test('every protocol version gets the message in its own form', () => {
  const realm = new TestRealm()
  const recipients = ([3, 4, 5] as const).map((version) => online(`v${version}`, version))
  for (const { session } of recipients) realm.subscribe(session, 't')
  deliver(realm, received({ topic: 't', payload: 'hi', properties: { contentType: 'text/plain' } }))
  for (const { link } of recipients) {
    const [packet] = link.publishes()
    assert.equal(String(packet?.payload), 'hi')
    assert.equal(packet?.properties?.contentType, link.version === 5 ? 'text/plain' : undefined)
  }
})

test('a shared subscription gives each message to one of its sessions, in turn [MQTT 5.0, 4.8.2]', () => {
  const ann = online('ann')
  const bob = online('bob')
  const realm = new TestRealm()
  for (const { session } of [ann, bob]) realm.subscribe(session, '$share/g/t')
  for (const payload of ['1', '2', '3']) deliver(realm, received({ topic: 't', payload }))
  assert.deepEqual([ann.link.payloads(), bob.link.payloads()], [['1', '3'], ['2']])
})

test('a shared message goes to who is connected, and waits for somebody only when nobody is', () => {
  const away = testSession('ann', null)
  const bob = online('bob')
  const realm = new TestRealm()
  for (const session of [away, bob.session]) realm.subscribe(session, '$share/g/t', { qos: 1 })
  for (const payload of ['1', '2']) deliver(realm, received({ topic: 't', payload, qos: 1 }))
  assert.deepEqual(bob.link.payloads(), ['1', '2'])
  bob.session.link = null
  deliver(realm, received({ topic: 't', payload: '3', qos: 1 }))
  assert.equal(away.outbound.waiting.length + bob.session.outbound.waiting.length, 1)
})

test('a retained message to a new subscription has its retain flag and the lower QoS [MQTT-3.3.1-8]', () => {
  const { link, session } = online('ann')
  const message = received({ topic: 't', qos: 2, retain: true })
  deliverRetained(new TestRealm(), session, { subscriptionIds: [4], filter: 't', as: null }, 1, message)
  const [packet] = link.publishes()
  assert.deepEqual([packet?.retain, packet?.qos], [true, 1])
  assert.equal(packet?.properties?.subscriptionIdentifier, 4)
})

test('where plugins decide who receives, nothing leaves before they have answered', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const ann = online('ann')
  const bob = online('bob')
  for (const { session } of [ann, bob]) realm.subscribe(session, 't')
  deliver(realm, received({ topic: 't' }))
  assert.deepEqual(ann.link.packets(), [])
  plugin.question(0).answer({ verdict: 'recipients', default: 'allow', except: [1] })
  assert.deepEqual(ann.link.payloads(), ['hi'])
  assert.deepEqual(bob.link.payloads(), [])
  assert.deepEqual(realm.drops, [{ clientId: 'bob', topic: 't', reason: 'denied' }])
})

test('retained and shared deliveries are asked about as such', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const { link, session } = online('ann')
  realm.subscribe(session, '$share/g/t')
  deliver(realm, received({ topic: 't', payload: 'shared' }))
  const retained = received({ topic: 't', payload: 'retained', retain: true })
  deliverRetained(realm, session, { subscriptionIds: null, filter: 't', as: null }, 0, retained)
  assert.deepEqual(
    plugin.asked.map(({ event }) => event['cause']),
    ['shared', 'retained'],
  )
  for (const asked of plugin.asked) asked.answer({ verdict: 'allow' })
  assert.deepEqual(link.payloads(), ['shared', 'retained'])
})

test('who is away is not asked about now: the answer of when it is back counts', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const sessions = ['ann', 'bob'].map((name) => testSession(name, null))
  for (const session of sessions) realm.subscribe(session, 't', { qos: 1 })
  deliver(realm, received({ topic: 't', qos: 1 }))
  deliver(realm, received({ topic: 't', qos: 0 }))
  assert.deepEqual(plugin.asked, [])
  const waiting = sessions.map(({ outbound }) => outbound.waiting.at(0))
  assert.deepEqual(
    waiting.map((each) => each?.check),
    ['due', 'due'],
  )
  // one compact copy serves all who wait for it
  assert.equal(waiting[0]?.message, waiting[1]?.message)
})

test('many recipients are asked about in batches, live and shared alike', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  plugin.reply = { verdict: 'allow' }
  const realm = new TestRealm(hooksOf([plugin]))
  const clients = Array.from({ length: 300 }, (_, place) => online(`c${place}`))
  for (const [place, { session }] of clients.entries()) {
    realm.subscribe(session, 't')
    realm.subscribe(session, `$share/g${place}/t`)
  }
  deliver(realm, received({ topic: 't' }))
  assert.deepEqual(
    plugin.asked.map(({ event }) => [event['cause'], (event['targets'] as unknown[]).length]),
    [
      ['live', 256],
      ['live', 44],
      ['shared', 256],
      ['shared', 44],
    ],
  )
  for (const { link } of clients) assert.deepEqual(link.payloads(), ['hi', 'hi'])
})

test('a message costs its turn what its recipients cost, and the bytes that each of them gets', () => {
  for (const plugins of [[], [new FakePlugin('guard', ['authorizeReceive'])]]) {
    const realm = new TestRealm(hooksOf(plugins))
    const turns = new CountedTurns(1000)
    realm.turns = turns
    const message = received({ topic: 't' })
    for (const clientId of ['ann', 'bob', 'cy']) realm.subscribe(testSession(clientId, new TestLink()), 't')
    realm.subscriptions.match('t')
    deliver(realm, message)
    assert.equal(turns.spent, 3 * (DELIVERY_COST + (plugins.length > 0 ? 0 : sizeOf(message))))
  }
})

test('a topic that is new costs its turn what finding its subscriptions costs, once', () => {
  const realm = new TestRealm()
  const turns = new CountedTurns(1_000_000)
  realm.turns = turns
  const { session } = online('ann')
  for (const filter of ['a/b', 'a/+', '+/b', '#']) realm.subscribe(session, filter)
  const costs = [1, 2].map(() => {
    const before = turns.spent
    deliver(realm, received({ topic: 'a/b' }))
    return turns.spent - before
  })
  const steps = realm.subscriptions.search('a/b').goOn(Number.POSITIVE_INFINITY)
  assert.deepEqual([costs.length, (costs[0] ?? 0) - (costs[1] ?? 0)], [2, steps * SEARCH_COST])
})

test('[MQTT-4.6.0-6] who gets a message is looked for in turns, and the next one waits for it', async () => {
  const realm = new TestRealm()
  realm.turns = new CountedTurns(SEARCHED_AT_ONCE * SEARCH_COST)
  const link = new TestLink()
  realm.subscribe(testSession('ann', link), 't')
  for (let place = 0; place < 3 * SEARCHED_AT_ONCE; place += 1)
    realm.subscribe(testSession(`c${place}`, null), 't')
  for (const payload of ['first', 'second']) deliver(realm, received({ topic: 't', payload }))
  assert.equal(link.out.length, 0)
  assert.equal(realm.subscriptions.known('t'), undefined)
  let turns = 0
  for (; realm.spreading > 0; turns += 1) await nextTurn()
  assert.ok(turns >= 3, `${turns} turns`)
  assert.deepEqual(link.payloads(), ['first', 'second'])
})

test('[MQTT-4.6.0-6] a message that costs more than a turn has reaches all, before the next one', async () => {
  const realm = new TestRealm()
  realm.turns = new CountedTurns(DELIVERED_AT_ONCE_COST)
  const links = Array.from({ length: 4 }, () => new TestLink())
  links.forEach((link, place) => realm.subscribe(testSession(`c${place}`, link), 't'))
  const large = 'x'.repeat(DELIVERED_AT_ONCE_COST)
  for (const payload of [large, 'small']) deliver(realm, received({ topic: 't', payload }))
  const reached = (): number => links.filter(({ out }) => out.length > 0).length
  assert.ok(reached() < 4, 'all were reached in one turn')
  while (realm.spreading > 0) await nextTurn()
  for (const link of links) assert.deepEqual(link.payloads(), [large, 'small'])
})

test('where the operator wants it, each delivery has the QoS granted, live or retained', () => {
  const realm = new TestRealm()
  realm.delivery = { upgradeOutgoingQos: true, queueQos0Messages: false }
  const { link, session } = online('ann')
  realm.subscribe(session, 't', { qos: 2 })
  deliver(realm, received({ topic: 't', qos: 0 }))
  const via = { subscriptionIds: null, filter: 't', as: null }
  deliverRetained(realm, session, via, 1, received({ topic: 't', qos: 0, retain: true }))
  assert.deepEqual(
    link.publishes().map(({ qos }) => qos),
    [2, 1],
  )
})

test('where plugins decide, what is raised stays raised, and QoS 0 waits for who is away', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  realm.delivery = { upgradeOutgoingQos: true, queueQos0Messages: true }
  const { link, session } = online('ann')
  const away = testSession('bob', null)
  realm.subscribe(session, 't', { qos: 1 })
  realm.subscribe(away, 't', { qos: 0 })
  deliver(realm, received({ topic: 't', qos: 0 }))
  const patch = { payload: Buffer.from('changed') }
  const groups = [{ targets: [0], patch }]
  plugin.question(0).answer({ verdict: 'recipients', default: 'allow', except: [], groups })
  plugin.question(1).answer({ verdict: 'allow' })
  assert.deepEqual(
    link.publishes().map(({ qos, payload }) => [qos, String(payload)]),
    [[1, 'changed']],
  )
  assert.equal(away.outbound.waiting.length, 1)
})
