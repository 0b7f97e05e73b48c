import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairTurns } from '../../../src/base/fair-turns.ts'
import { createMessage } from '../../../src/codec/message.ts'
import { PluginSubscriber } from '../../../src/protocol/subscribe-from-plugin.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { TestLink } from '../../support/sessions.ts'
import { type RealmOptions, StagedRealm } from '../../support/staged-realm.ts'

interface Stage {
  readonly realm: StagedRealm
  readonly subscriber: PluginSubscriber
}

async function staged(options: RealmOptions = {}, turns = new FairTurns(10, 10)): Promise<Stage> {
  const realm = await StagedRealm.open(options)
  return { realm, subscriber: new PluginSubscriber(realm.node, realm.tenant, turns) }
}

function keep(realm: StagedRealm, topic: string, text: string): void {
  const message = createMessage({ topic, payload: Buffer.from(text), qos: 1, retain: true })
  realm.node.engine.retained.set('acme', topic, message)
}

test('the client is subscribed, gets what is retained, and all but the plugin are told', async () => {
  const names = ['gate', 'other'] as const
  const [gate, other] = names.map((name) => new FakePlugin(name, ['onBrokerClientSubscribed']))
  const { realm, subscriber } = await staged({ plugins: [gate, other] as FakePlugin[] })
  keep(realm, 'news/a', 'old')
  const link = new TestLink()
  const session = realm.session('ann', link)
  assert.deepEqual(await subscriber.subscribe('gate', 'ann', 'news/#', 2), { qos: 2 })
  assert.deepEqual([...session.subscriptions.keys()], ['news/#'])
  assert.equal(realm.tenant.subscriptions.size, 1)
  assert.deepEqual(link.payloads(), ['old'])
  assert.deepEqual(gate?.told, [])
  assert.deepEqual(other?.told[0]?.event, { filter: 'news/#', qos: 2 })
})

test('a subscription that is there already brings nothing retained again', async () => {
  const { realm, subscriber } = await staged()
  keep(realm, 'news/a', 'old')
  const link = new TestLink()
  realm.session('ann', link)
  for (const expected of [['old'], [], []]) {
    assert.deepEqual(await subscriber.subscribe('gate', 'ann', 'news/#', 1), { qos: 1 })
    assert.deepEqual(link.payloads(), expected)
  }
  assert.equal(realm.tenant.subscriptions.size, 1)
})

test('the other plugins are asked about the client, as for its own SUBSCRIBE; the plugin itself is not', async () => {
  const gate = new FakePlugin('gate', ['authorizeSubscribe'])
  const other = new FakePlugin('other', ['authorizeSubscribe'])
  const { realm, subscriber } = await staged({ plugins: [gate, other], topicDefault: 'deny' })
  realm.session('ann')
  const subscribing = subscriber.subscribe('gate', 'ann', '$share/g/news/#', 2)
  assert.deepEqual(gate.asked, [])
  assert.deepEqual(other.question(0).event, {
    filters: [
      { filter: 'news/#', share: 'g', qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 1 },
    ],
  })
  other.question(0).answer({ verdict: 'allow', maxQos: 1 })
  assert.deepEqual(await subscribing, { qos: 1 })
})

test('what others deny, send round or do not answer is denied, reported, and leaves nothing behind', async () => {
  const other = new FakePlugin('other', ['authorizeSubscribe'])
  const { realm, subscriber } = await staged({ plugins: [other] })
  const session = realm.session('ann')
  for (const reply of [
    { verdict: 'deny', code: 0x87 },
    { verdict: 'abstain' },
    { verdict: 'disconnect', code: 0x87 },
    { verdict: 'allow', rewriteTo: 'news/+' },
    'timeout',
  ] as const) {
    other.reply = reply
    assert.equal(await subscriber.subscribe('gate', 'ann', 'news', 0), 'denied')
  }
  assert.equal(realm.tenant.subscriptions.size + session.subscriptions.size, 0)
  assert.equal(realm.node.refused.length, 5)
  assert.match(realm.node.refused[3]?.detail ?? '', /rewriteTo: the wildcards/)
  assert.ok(
    realm.node.refused.every(({ action, cause }) => action === 'subscribe' && cause?.plugin === 'gate'),
  )
  const closed = await staged({ topicDefault: 'deny' })
  closed.realm.session('ann')
  assert.equal(await closed.subscriber.subscribe('gate', 'ann', 'news', 0), 'denied')
})

test('what others rewrite is routed so, and named as the plugin asked', async () => {
  const other = new FakePlugin('other', ['authorizeSubscribe'])
  other.reply = { verdict: 'allow', rewriteTo: 'home/news' }
  const { realm, subscriber } = await staged({ plugins: [other] })
  const session = realm.session('ann')
  assert.deepEqual(await subscriber.subscribe('gate', 'ann', 'news', 0), { qos: 0 })
  assert.deepEqual([...session.subscriptions.keys()], ['news'])
  const [match] = realm.tenant.subscriptions.match('home/news').matches
  assert.deepEqual([match?.subscriber, match?.as], [session, 'news'])
})

test('there must be such a session, a filter, and room for it', async () => {
  const { realm, subscriber } = await staged({ quotas: { subscriptionsPerSession: 1 } })
  realm.session('ann', null)
  assert.equal(await subscriber.subscribe('gate', 'bob', 'a', 0), null)
  assert.equal(await subscriber.subscribe('gate', 'ann', 'a#', 0), 'denied')
  assert.deepEqual(await subscriber.subscribe('gate', 'ann', 'a', 0), { qos: 0 })
  assert.equal(await subscriber.subscribe('gate', 'ann', 'b', 0), 'denied')
  assert.deepEqual(await subscriber.subscribe('gate', 'ann', 'a', 1), { qos: 1 })
  assert.deepEqual(realm.met, ['subscriptionsPerSession'])
})

test('a session that is somebody else’s by the time of the answer is not subscribed', async () => {
  const other = new FakePlugin('other', ['authorizeSubscribe'])
  const { realm, subscriber } = await staged({ plugins: [other] })
  realm.session('ann')
  const subscribing = subscriber.subscribe('gate', 'ann', 'a', 0)
  const next = realm.session('ann')
  other.question(0).answer({ verdict: 'allow' })
  assert.equal(await subscribing, null)
  assert.equal(next.subscriptions.size, 0)
})

test('where too much of the tenant waits already, nothing is done', async () => {
  const { realm, subscriber } = await staged({}, new FairTurns(10, 1))
  realm.session('ann')
  const both = await Promise.all(['a', 'b'].map((filter) => subscriber.subscribe('gate', 'ann', filter, 0)))
  assert.deepEqual(both, [{ qos: 0 }, 'busy'])
})

test("nobody is subscribed to the broker's own topics in a tenant that may not read them", async () => {
  const { realm, subscriber } = await staged()
  realm.session('ann')
  for (const filter of ['$SYS/broker/#', '$share/g/$SYS/broker/uptime', '$SYS/other'])
    assert.equal(await subscriber.subscribe('gate', 'ann', filter, 0), 'denied')
  assert.deepEqual(await subscriber.subscribe('gate', 'ann', '$SYS/tenant/#', 0), { qos: 0 })
  assert.equal(realm.tenant.subscriptions.size, 1)
})
