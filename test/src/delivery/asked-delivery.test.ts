import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CheckedPatch } from '../../../sandbox/index.ts'
import { DELIVERY_COST } from '../../../src/base/limits.ts'
import { AskedDelivery } from '../../../src/delivery/asked-delivery.ts'
import { deliver } from '../../../src/delivery/deliver.ts'
import { drain } from '../../../src/delivery/drain.ts'
import { FakePlugin, hooksOf, type Reply } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { acknowledgeAll, testClient, TestLink, TestRealm, testSession } from '../../support/sessions.ts'
import { CountedTurns } from '../../support/turns.ts'

const VIA = { subscriptionIds: null, filter: 't/#', as: null }

test('plugins are asked about each recipient as it is, with the filter that brought it the message', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const session = testSession('ann', new TestLink())
  const batch = [{ session, via: VIA, qos: 1, retain: false }] as const
  new AskedDelivery(realm, received({ topic: 't/1' }), batch).ask('live')
  const client = JSON.parse(session.client.json) as unknown
  assert.deepEqual(plugin.question(0).event['targets'], [{ client, filter: 't/#' }])
})

test('who is allowed gets its own QoS and retain flag; a refusal is silent but counted', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const links = [new TestLink(), new TestLink(4), new TestLink()]
  const [ann, bob, cy] = links.map((link, place) => testSession(`c${place}`, link))
  assert.ok(ann && bob && cy)
  const delivery = new AskedDelivery(realm, received({ topic: 't', qos: 2 }), [
    { session: ann, via: VIA, qos: 0, retain: true },
    { session: bob, via: VIA, qos: 2, retain: false },
    { session: cy, via: VIA, qos: 1, retain: false },
  ])
  delivery.ask('live')
  plugin.question(0).answer({ verdict: 'recipients', default: 'deny', except: [0, 1] })
  assert.deepEqual(
    links.map((link) => link.publishes().map(({ qos, retain }) => ({ qos, retain }))),
    [[{ qos: 0, retain: true }], [{ qos: 2, retain: false }], []],
  )
  assert.deepEqual(realm.drops, [{ clientId: 'c2', topic: 't', reason: 'denied' }])
  assert.deepEqual(realm.refusedBy, [['guard']])
})

test('who has left by the time of the answer finds QoS 1 in its queue, to be asked about again', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const session = testSession('ann', new TestLink())
  realm.subscribe(session, 't', { qos: 1 })
  deliver(realm, received({ topic: 't', qos: 1 }))
  session.link = null
  plugin.question(0).answer({ verdict: 'allow' })
  assert.equal(session.outbound.waiting.at(0)?.check, 'due')
})

test('messages leave in the order in which they came, though the answers come later [MQTT-4.6.0-5]', () => {
  const plugin = new FakePlugin('guard', ['topicFiltering'])
  const other = new FakePlugin('other', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin, other]))
  const link = new TestLink()
  realm.subscribe(testSession('ann', link), 't', { qos: 1 })
  for (const payload of ['1', '2', '3']) deliver(realm, received({ topic: 't', payload, qos: 1 }))
  // each plugin answers its own questions in order, one all of them before the other
  for (const asked of other.asked) asked.answer({ verdict: 'allow' })
  for (const asked of plugin.asked) asked.answer({ verdict: 'allow' })
  assert.deepEqual(link.payloads(), ['1', '2', '3'])
})

test('of answers that come at once, a turn brings as many messages as it has time for, in order', async () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  realm.turns = new CountedTurns(2 * DELIVERY_COST)
  const link = new TestLink()
  const batch = [{ session: testSession('ann', link), via: VIA, qos: 0, retain: false }] as const
  for (const payload of ['1', '2', '3', '4', '5'])
    new AskedDelivery(realm, received({ topic: 't/1', payload }), batch).ask('live')
  for (const asked of plugin.asked) asked.answer({ verdict: 'allow' })
  const turns = [link.payloads()]
  while (turns.flat().length < 5) {
    await nextTurn()
    turns.push(link.payloads())
  }
  assert.deepEqual(turns, [['1', '2'], ['3', '4'], ['5']])
})

/** One verdict that allows all, and changes the message for some. */
function changing(targets: readonly number[], patch: CheckedPatch): Reply {
  return { verdict: 'recipients', default: 'allow', except: [], groups: [{ targets, patch }] }
}

test('a changed message leaves in its form: topic, payload, flags, and no more QoS than the recipient has', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const links = [new TestLink(), new TestLink(), new TestLink()]
  const batch = links.map((link, place) => ({
    session: testSession(`c${place}`, link),
    via: { ...VIA, subscriptionIds: [place + 1] },
    qos: place as 0 | 1 | 2,
    retain: false,
  }))
  new AskedDelivery(realm, received({ topic: 't', qos: 2 }), batch).ask('live')
  plugin.question(0).answer(
    changing([0, 2], {
      topic: 'u',
      payload: Buffer.from('changed'),
      qos: 1,
      retain: true,
      properties: { contentType: 'text/plain' },
    }),
  )
  plugin.question(1).answer({ verdict: 'allow' })
  const left = links.map((link) =>
    link.publishes().map(({ topic, payload, qos, retain, properties }) => ({
      text: `${topic} ${String(payload)} ${qos} ${retain}`,
      properties,
    })),
  )
  assert.deepEqual(left, [
    [{ text: 'u changed 0 true', properties: { subscriptionIdentifier: 1, contentType: 'text/plain' } }],
    [{ text: 't hi 1 false', properties: { subscriptionIdentifier: 2 } }],
    [{ text: 'u changed 1 true', properties: { subscriptionIdentifier: 3, contentType: 'text/plain' } }],
  ])
})

test('a topic that plugins name is what the client sees, whatever its subscription calls it', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const links = [new TestLink(), new TestLink()]
  const batch = links.map((link, place) => ({
    session: testSession(`c${place}`, link),
    via: { ...VIA, as: `mine/${place}` },
    qos: 0 as const,
    retain: false,
  }))
  new AskedDelivery(realm, received({ topic: 't' }), batch).ask('live')
  assert.equal((plugin.question(0).event['message'] as { topic: string }).topic, 't')
  plugin.question(0).answer(changing([1], { topic: 'u' }))
  plugin.question(1).answer({ verdict: 'allow' })
  assert.deepEqual(
    links.map((link) => link.publishes().map(({ topic }) => topic)),
    [['mine/0'], ['u']],
  )
})

test('what is asked about twice is not overtaken by what comes behind it on its topic [MQTT-4.6.0-6]', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const link = new TestLink()
  realm.subscribe(testSession('ann', link), '#', { qos: 1 })
  for (const payload of ['1', '2']) deliver(realm, received({ topic: 't', payload }))
  deliver(realm, received({ topic: 'other', payload: '3' }))
  plugin.question(0).answer(changing([0], { payload: Buffer.from('1, changed') }))
  plugin.question(1).answer({ verdict: 'allow' })
  plugin.question(2).answer({ verdict: 'allow' })
  assert.deepEqual(link.payloads(), ['3'])
  plugin.question(3).answer({ verdict: 'allow' })
  assert.deepEqual(link.payloads(), ['1, changed', '2'])
  assert.equal(realm.deliveries.size, 0)
})

test('who has left by the time of the answer finds what was published in its queue, not what was made of it', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const session = testSession('ann', new TestLink())
  realm.subscribe(session, 't', { qos: 1 })
  deliver(realm, received({ topic: 't', qos: 1 }))
  plugin.question(0).answer(changing([0], { topic: 'u' }))
  session.link = null
  plugin.question(1).answer({ verdict: 'allow' })
  const waiting = session.outbound.waiting.at(0)
  assert.deepEqual([waiting?.check, waiting?.message.topic, waiting?.form], ['due', 't', null])
})

test('who cannot take it now gets the changed form later; who comes back is asked about what was published', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const link = new TestLink()
  link.receiveMaximum = 1
  const session = testSession('ann', link)
  realm.subscribe(session, 't', { qos: 1 })
  for (const payload of ['1', '2', '3']) deliver(realm, received({ topic: 't', payload, qos: 1 }))
  plugin.question(0).answer({ verdict: 'allow' })
  plugin.question(1).answer(changing([0], { payload: Buffer.from('2, changed') }))
  plugin.question(2).answer(changing([0], { payload: Buffer.from('3, changed') }))
  for (const asked of plugin.asked.slice(3)) asked.answer({ verdict: 'allow' })
  assert.deepEqual(link.payloads(), ['1'])
  acknowledgeAll(session)
  drain(realm, session)
  assert.deepEqual(link.payloads(), ['2, changed'])
  acknowledgeAll(session)
  session.link = new TestLink()
  session.outbound.resume()
  const before = plugin.asked.length
  drain(realm, session)
  plugin.question(before).answer({ verdict: 'allow' })
  assert.deepEqual((session.link as TestLink).payloads(), ['3'])
})

test('who has become somebody else by the time of the answer is asked about anew', () => {
  const plugin = new FakePlugin('guard', ['authorizeReceive'])
  const realm = new TestRealm(hooksOf([plugin]))
  const link = new TestLink()
  const session = testSession('ann', link)
  realm.subscribe(session, 't')
  deliver(realm, received({ topic: 't', payload: 'secret' }))
  session.client = testClient('ann', { principal: 'eve' })
  plugin.question(0).answer({ verdict: 'allow' })
  assert.deepEqual(link.payloads(), [])
  const { targets, cause } = plugin.question(1).event as {
    cause: string
    targets: { client: { principal: string } }[]
  }
  assert.deepEqual([targets[0]?.client.principal, cause], ['eve', 'live'])
  plugin.question(1).answer({ verdict: 'deny' })
  assert.deepEqual([link.payloads(), realm.drops.length, realm.deliveries.size], [[], 1, 0])
})
