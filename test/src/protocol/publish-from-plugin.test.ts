import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as out } from 'node:timers/promises'
import { FairTurns } from '../../../src/base/fair-turns.ts'
import { PLUGIN_HOPS } from '../../../sandbox/limits.ts'
import { PLUGIN_PUBLISHES_ASKED } from '../../../src/base/limits.ts'
import { propertiesOf } from '../../../src/codec/message.ts'
import { type Publication, PluginPublisher } from '../../../src/protocol/publish-from-plugin.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { TestLink } from '../../support/sessions.ts'
import { type RealmOptions, StagedRealm } from '../../support/staged-realm.ts'

const PLAIN: Publication = {
  topic: 't',
  payload: Buffer.from('hi'),
  qos: 0,
  retain: false,
  properties: {},
  hops: 1,
}

/** A publisher whose messages go out with the next turn, and what waits for them to be out. */
async function staged(
  options: RealmOptions = {},
): Promise<{ realm: StagedRealm; publisher: PluginPublisher }> {
  const realm = await StagedRealm.open(options)
  const turns = new FairTurns(1000, PLUGIN_PUBLISHES_ASKED)
  return { realm, publisher: new PluginPublisher(realm.node, realm.tenant, turns) }
}

test('without other plugins it goes out by topicDefault, as the plugin, to whoever subscribed', async () => {
  const { realm, publisher } = await staged()
  const link = new TestLink()
  const session = realm.session('ann', link)
  const options = { qos: 1, noLocal: false, retainAsPublished: false, subscriptionId: 0 } as const
  const parsed = { filter: 't', shareName: '', levels: ['t'], wildcard: false, renaming: null }
  realm.tenant.subscriptions.add(parsed, session, options)
  assert.equal(publisher.publish('gate', { ...PLAIN, qos: 2 }), true)
  assert.equal(realm.routed.length, 0, 'not within the call')
  await out()
  const [packet] = link.publishes()
  assert.deepEqual([packet?.topic, String(packet?.payload), packet?.qos], ['t', 'hi', 1])
  const [message] = realm.routed
  assert.deepEqual([message?.hops, message?.plugin, message?.origin], [1, 'gate', null])
  assert.match(message?.publisher?.json ?? '', /"principal":"plugin:gate"/)
  const closed = await staged({ topicDefault: 'deny' })
  closed.publisher.publish('gate', PLAIN)
  await out()
  assert.deepEqual(closed.realm.routed, [])
  assert.equal(closed.realm.node.refused[0]?.reasonCode, 0x87)
})

test('the other plugins are asked with its hops, and its own never', async () => {
  const gate = new FakePlugin('gate', ['authorizePublish', 'topicFiltering'])
  const other = new FakePlugin('other', ['authorizePublish'])
  const { realm, publisher } = await staged({ plugins: [gate, other] })
  publisher.publish('gate', { ...PLAIN, hops: 3 })
  await out()
  assert.deepEqual(gate.asked, [])
  const question = other.question(0)
  assert.match(question.subject?.json ?? '', /"principal":"plugin:gate"/)
  assert.deepEqual(question.origin, { hops: 3 })
  assert.deepEqual(realm.routed, [], 'nothing leaves before the answer')
  question.answer({ verdict: 'allow', maxQos: 0, retain: false })
  await out()
  assert.equal(realm.routed.length, 1)
})

test('where nobody but itself decides, topicDefault does', async () => {
  const gate = new FakePlugin('gate', ['authorizePublish'])
  const { realm, publisher } = await staged({ plugins: [gate], topicDefault: 'deny' })
  publisher.publish('gate', PLAIN)
  await out()
  assert.deepEqual([gate.asked.length, realm.routed.length, realm.node.refused.length], [0, 0, 1])
})

test('what another plugin denies, or fails to answer, does not go out; who tried is not told of it', async () => {
  const other = new FakePlugin('other', ['authorizePublish'])
  const { realm, publisher } = await staged({ plugins: [other] })
  for (const reply of [
    { verdict: 'deny', code: 0x87 },
    { verdict: 'disconnect', code: 0x87 },
  ] as const) {
    other.reply = reply
    publisher.publish('gate', { ...PLAIN, retain: true })
  }
  other.reply = 'timeout'
  publisher.publish('gate', PLAIN)
  await out()
  assert.deepEqual(realm.routed, [])
  assert.equal(realm.node.engine.retained.count('acme'), 0)
  assert.deepEqual(
    realm.node.refused.map(({ action, client, cause }) => [action, client?.principal, cause?.plugin]),
    Array.from({ length: 3 }, () => ['publish', 'plugin:gate', 'gate']),
  )
})

test('a retained one is kept within the quota, and an empty one clears the topic', async () => {
  const { realm, publisher } = await staged({ quotas: { retainedMessages: 1 } })
  for (const topic of ['a', 'b']) publisher.publish('gate', { ...PLAIN, topic, retain: true })
  await out()
  assert.equal(realm.node.engine.retained.count('acme'), 1)
  assert.deepEqual(realm.met, ['retainedMessages'])
  publisher.publish('gate', { ...PLAIN, topic: 'a', retain: true, payload: Buffer.alloc(0) })
  await out()
  assert.equal(realm.node.engine.retained.count('acme'), 0)
})

test('properties go out as they were given; the expiry is a point in time', async () => {
  const { realm, publisher } = await staged()
  const before = Date.now()
  publisher.publish('gate', {
    ...PLAIN,
    properties: {
      payloadFormat: 1,
      contentType: 'text',
      correlationData64: 'AQI=',
      userProperties: [['k', 'v']],
      messageExpirySec: 60,
    },
  })
  await out()
  const [message] = realm.routed
  assert.ok(message !== undefined)
  assert.deepEqual(propertiesOf(message), {
    payloadFormat: 1,
    contentType: 'text',
    correlationData: Buffer.of(1, 2),
    userProperties: [['k', 'v']],
  })
  assert.ok(message.expiresAt >= before + 60_000 && message.expiresAt <= Date.now() + 60_000)
})

test("past the tenant's rates nothing is taken", async () => {
  const { realm, publisher } = await staged({ publishesPerSec: 2 })
  const taken = [1, 2, 3].map(() => publisher.publish('gate', PLAIN))
  await out()
  assert.deepEqual(taken, [true, true, false])
  assert.equal(realm.routed.length, 2)
})

test('so many wait at once, for other plugins or for their turn; the next is taken when one is out', async () => {
  const other = new FakePlugin('other', ['authorizePublish'])
  const { publisher } = await staged({ plugins: [other], publishesPerSec: 10_000 })
  for (let count = 0; count < PLUGIN_PUBLISHES_ASKED; count += 1) {
    assert.equal(publisher.publish('gate', PLAIN), true)
  }
  assert.equal(publisher.publish('gate', PLAIN), false)
  other.question(0).answer({ verdict: 'allow' })
  assert.equal(publisher.publish('gate', PLAIN), false, 'it waits for its turn')
  await out()
  assert.equal(publisher.publish('gate', PLAIN), true)
})

test('F03: its own plugin is not told of it; the others are, with its hops', async () => {
  const gate = new FakePlugin('gate', ['onBrokerMessageBroadcast', 'onBrokerRetainedMessage'])
  const other = new FakePlugin('other', ['onBrokerMessageBroadcast'])
  const { publisher } = await staged({ plugins: [gate, other] })
  publisher.publish('gate', { ...PLAIN, retain: true, hops: 2 })
  await out()
  assert.deepEqual(gate.told, [])
  assert.deepEqual(
    other.told.map(({ hook, origin }) => [hook, origin]),
    [['onBrokerMessageBroadcast', { hops: 2 }]],
  )
})

test('F03: plugins that answer each other with four for one never have more than their bound waiting', async () => {
  const plugins = ['one', 'two', 'three'].map((name) => new FakePlugin(name, ['onBrokerMessageBroadcast']))
  const { realm, publisher } = await staged({ plugins, publishesPerSec: 1_000_000 })
  let waiting = Number(publisher.publish('one', PLAIN))
  let mostWaiting = 0
  while (waiting > 0) {
    const before = realm.routed.length
    await out()
    waiting -= realm.routed.length - before
    for (const { name, told } of plugins) {
      for (const { origin } of told.splice(0)) {
        const hops = (origin?.hops ?? 0) + 1
        if (hops > PLUGIN_HOPS) continue // as the power refuses it
        for (let answer = 0; answer < 4; answer += 1)
          waiting += Number(publisher.publish(name, { ...PLAIN, hops }))
      }
    }
    mostWaiting = Math.max(mostWaiting, waiting)
  }
  assert.equal(mostWaiting, PLUGIN_PUBLISHES_ASKED, 'the bound was met, and held')
  assert.ok(realm.routed.length <= 1 + 8 + 8 ** 2 + 8 ** 3)
})

test('whether a client may receive it is asked of all: there a plugin speaks for the client', async () => {
  const gate = new FakePlugin('gate', ['authorizeReceive'])
  const { realm, publisher } = await staged({ plugins: [gate] })
  const parsed = { filter: 't', shareName: '', levels: ['t'], wildcard: false, renaming: null }
  const options = { qos: 1, noLocal: false, retainAsPublished: false, subscriptionId: 0 } as const
  realm.tenant.subscriptions.add(parsed, realm.session('ann'), options)
  publisher.publish('gate', { ...PLAIN, hops: 2 })
  await out()
  assert.deepEqual(
    [gate.question(0).hook, gate.question(0).origin],
    ['authorizeReceive', { hops: 2, source: '' }],
  )
})
