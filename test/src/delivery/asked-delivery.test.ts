import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AskedDelivery } from '../../../src/delivery/asked-delivery.ts'
import { deliver } from '../../../src/delivery/deliver.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { TestLink, TestRealm, testSession } from '../../support/sessions.ts'

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
