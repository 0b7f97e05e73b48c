import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMessage } from '../../../src/codec/message.ts'
import { PublishQuestion } from '../../../src/hooks/publish-question.ts'
import { type GivenGrants, TenantHooks } from '../../../src/hooks/tenant-hooks.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import type { Client } from '../../../src/session/client.ts'
import { FakePlugin, FakeTenantPlugins, hooksOf } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { testClient } from '../../support/sessions.ts'

const subject = { ref: 7, json: '{}', source: '', release: () => undefined }
const ann = testClient('ann', { subject })
const secret = received({ topic: 't', payload: 'secret', qos: 1 })
const secret64 = Buffer.from('secret').toString('base64')

class TestQuestion extends PublishQuestion {
  readonly decisions: Verdict[] = []

  protected override decided(verdict: Verdict): void {
    this.decisions.push(verdict)
  }
}

function names(voters: TenantHooks['publish']): readonly string[] {
  return voters.map(({ plugin, hook }) => `${plugin.name} ${hook}`)
}

test('who is asked at each occasion: the sharp hook, or topicFiltering, in the declared order', () => {
  const hooks = hooksOf([
    new FakePlugin('one', ['authenticate', 'topicFiltering', 'onBrokerPostStart']),
    new FakePlugin('two', ['authorizePublish', 'authorizeReceive']),
    new FakePlugin('three', ['authorizeSubscribe']),
  ])
  assert.deepEqual(names(hooks.authenticate), ['one authenticate'])
  assert.deepEqual(names(hooks.publish), ['one topicFiltering', 'two authorizePublish'])
  assert.deepEqual(names(hooks.subscribe), ['one topicFiltering', 'three authorizeSubscribe'])
  assert.deepEqual(names(hooks.receive), ['one topicFiltering', 'two authorizeReceive'])
})

test("each plugin's voters carry its own failure policy", () => {
  const onFault = { one: { authorizePublish: 'allow' } } as const
  const hooks = hooksOf(
    [new FakePlugin('one', ['authorizePublish']), new FakePlugin('two', ['authorizePublish'])],
    { onFault },
  )
  assert.deepEqual(
    hooks.publish.map((voter) => voter.onFault),
    [onFault.one, {}],
  )
})

test('authorizePublish is asked about the client with topic, QoS and retain', () => {
  const plugin = new FakePlugin('one', ['authorizePublish'])
  const question = new TestQuestion(ann, secret)
  hooksOf([plugin]).askPublish(question)
  assert.equal(plugin.question(0).subject, subject)
  assert.deepEqual(plugin.question(0).event, { topic: 't', qos: 1, retain: false })
  plugin.question(0).answer({ verdict: 'allow', maxQos: 0 })
  assert.deepEqual(question.decisions, [{ verdict: 'allow', maxQos: 0 }])
})

test('the payload crosses only with the capability, and to topicFiltering never', () => {
  const blind = new FakePlugin('blind', ['authorizePublish'])
  const sighted = new FakePlugin('sighted', ['authorizePublish'], { payload: true })
  const general = new FakePlugin('general', ['topicFiltering'], { payload: true })
  hooksOf([blind, sighted, general]).askPublish(new TestQuestion(ann, secret))
  const event = { topic: 't', qos: 1, retain: false }
  assert.deepEqual(blind.question(0).event, event)
  assert.deepEqual(sighted.question(0).event, { ...event, payload64: secret64 })
  assert.deepEqual(general.question(0).event, { topic: 't', action: 'publish', qos: 1 })
})

test('a payload above the limit does not cross; the event says that it is left out', () => {
  const plugin = new FakePlugin('one', ['authorizePublish'], { payload: true })
  hooksOf([plugin], { payloadBytes: 5 }).askPublish(new TestQuestion(ann, secret))
  hooksOf([plugin], { payloadBytes: 6 }).askPublish(new TestQuestion(ann, secret))
  const event = { topic: 't', qos: 1, retain: false }
  assert.deepEqual(plugin.question(0).event, { ...event, payloadOmitted: true })
  assert.deepEqual(plugin.question(1).event, { ...event, payload64: secret64 })
})

test('a plugin that answers within the question does not decide before the others are asked', () => {
  const quick = new FakePlugin('quick', ['authorizePublish'])
  const slow = new FakePlugin('slow', ['authorizePublish'])
  quick.reply = { verdict: 'allow' }
  const question = new TestQuestion(ann, secret)
  hooksOf([quick, slow]).askPublish(question)
  assert.deepEqual(question.decisions, [])
  slow.question(0).answer({ verdict: 'deny', code: 0x87 })
  assert.deepEqual(question.decisions, [{ verdict: 'deny', code: 0x87 }])
})

test('every plugin that listens is told, the others are not', () => {
  const listener = new FakePlugin('listener', ['onBrokerClientConnected'])
  const other = new FakePlugin('other', ['onBrokerClientDisconnected', 'authenticate'])
  const hooks = hooksOf([listener, other])
  hooks.tell('onBrokerClientConnected', ann, () => '{"session":{}}')
  assert.deepEqual(listener.told, [{ hook: 'onBrokerClientConnected', subject, event: { session: {} } }])
  assert.deepEqual(other.told, [])
  assert.equal(hooks.hears('onBrokerClientConnected'), true)
  assert.equal(hooks.hears('onPluginFaulted'), false)
})

test('the text of an event is made once a kind of listener, and not at all when nobody listens', () => {
  const hooks = hooksOf([
    new FakePlugin('a', ['onBrokerMessageReceived']),
    new FakePlugin('b', ['onBrokerMessageReceived'], { payload: true }),
    new FakePlugin('c', ['onBrokerMessageReceived']),
    new FakePlugin('d', ['onBrokerMessageReceived'], { payload: true }),
  ])
  const made: boolean[] = []
  const text = (seesPayload: boolean): string => {
    made.push(seesPayload)
    return '{}'
  }
  hooks.tell('onBrokerMessageReceived', null, text)
  hooks.tell('onBrokerMessageBroadcast', null, text)
  assert.deepEqual(made, [false, true])
})

test('listeners are told of a message with its payload only where they may see it', () => {
  const blind = new FakePlugin('blind', ['onBrokerRetainedMessage'])
  const sighted = new FakePlugin('sighted', ['onBrokerRetainedMessage'], { payload: true })
  const message = received({ topic: 't', payload: 'secret', qos: 1 })
  message.publisher = ann
  hooksOf([blind, sighted]).tellMessage('onBrokerRetainedMessage', null, message, ',"cleared":false')
  const publisher = JSON.parse(ann.json) as unknown
  const told = { topic: 't', qos: 1, retain: false, publisher }
  assert.deepEqual(blind.told[0]?.event, { message: told, cleared: false })
  assert.deepEqual(sighted.told[0]?.event, { message: { ...told, payload64: secret64 }, cleared: false })
})

test("the cell's state is the host's: congestion, process, end", async () => {
  const plugins = new FakeTenantPlugins([])
  const hooks = new TenantHooks(plugins, { onFault: {}, payloadBytes: 0, topicDefault: 'allow' })
  assert.equal(hooks.congested, false)
  plugins.congested = true
  plugins.pid = 42
  assert.equal(hooks.congested, true)
  assert.equal(hooks.pid, 42)
  await hooks.stop()
  assert.equal(plugins.stopped, true)
})

const answer = createMessage({
  topic: 't',
  payload: Buffer.from('answer'),
  qos: 1,
  retain: false,
  hops: 2,
  plugin: 'one',
})

test('a plugin is neither asked nor told of its own message; the others are, with its hops', () => {
  const hooks = ['authorizePublish', 'onBrokerMessageBroadcast'] as const
  const [one, two] = [new FakePlugin('one', hooks), new FakePlugin('two', hooks)]
  const tenant = hooksOf([one, two])
  tenant.askPublish(new TestQuestion(ann, answer))
  tenant.tellMessage('onBrokerMessageBroadcast', ann, answer)
  tenant.tell('onBrokerMessageBroadcast', ann, () => '{}', { plugin: 'one', hops: 0 })
  assert.deepEqual([one.asked, one.told], [[], []])
  assert.deepEqual(two.question(0).origin, { hops: 2 })
  assert.deepEqual(
    two.told.map(({ origin }) => origin),
    [{ hops: 2 }, undefined],
  )
})

test('where nobody but the plugin itself decides its message, the default of the tenant does', () => {
  const one = new FakePlugin('one', ['authorizePublish'])
  for (const topicDefault of ['allow', 'deny'] as const) {
    const question = new TestQuestion(ann, answer)
    hooksOf([one], { topicDefault }).askPublish(question)
    assert.deepEqual(
      question.decisions.map(({ verdict }) => verdict),
      [topicDefault],
    )
  }
})

const GRANTS = [
  { effect: 'allow', actions: ['publish', 'subscribe'], filter: 'own/{clientId}/{attr.site}/{tenant}' },
] as const
const given = (plugin: string, grants: GivenGrants['allow']['grants'] = GRANTS): GivenGrants => ({
  plugin,
  allow: { grants, attributes: { site: plugin } },
})
const values = { clientId: 'ann', username: undefined, attributes: { site: 'merged' } }

/** Publishes to `topic` as a client that was given these grants. @returns the decisions so far. */
function publishAs(hooks: TenantHooks, grants: readonly GivenGrants[], topic: string): readonly Verdict[] {
  const client = testClient('ann', { subject, standing: hooks.newStanding(grants, values) })
  const question = new TestQuestion(client, received({ topic }))
  hooks.askPublish(question)
  return question.decisions
}

test('grants answer without a question; each plugin’s are filled in with what it said itself', () => {
  const gate = new FakePlugin('gate', ['authorizePublish'])
  const hooks = hooksOf([gate])
  assert.deepEqual(publishAs(hooks, [given('gate')], 'own/ann/gate/acme'), [{ verdict: 'allow' }])
  const [refusal] = publishAs(hooks, [given('gate')], 'own/ann/merged/acme')
  assert.deepEqual([refusal?.verdict, (refusal as { code?: number }).code], ['deny', 0x87])
  assert.deepEqual(gate.asked, [])
})

test('grants replace the hooks of their own plugin; others that declare the hook are asked, and all merge', () => {
  const other = new FakePlugin('other', ['authorizePublish'])
  const hooks = hooksOf([new FakePlugin('gate', ['authenticate']), other])
  assert.deepEqual(publishAs(hooks, [given('gate')], 'own/ann/gate/acme'), [])
  assert.equal(other.asked.length, 1)
  other.reply = { verdict: 'deny', code: 0x99 }
  const [denied] = publishAs(hooks, [given('gate')], 'own/ann/gate/acme')
  assert.deepEqual(denied, { verdict: 'deny', code: 0x99 })
  other.reply = { verdict: 'allow' }
  assert.equal(publishAs(hooks, [given('gate')], 'elsewhere')[0]?.verdict, 'deny')
})

test('who was granted something is decided by it, whatever the tenant’s default is', () => {
  const open = hooksOf([new FakePlugin('gate', ['authenticate'])], { topicDefault: 'allow' })
  assert.equal(publishAs(open, [given('gate')], 'elsewhere')[0]?.verdict, 'deny')
  assert.equal(publishAs(open, [], 'elsewhere')[0]?.verdict, 'allow')
  const closed = hooksOf([new FakePlugin('gate', ['authenticate'])], { topicDefault: 'deny' })
  assert.equal(publishAs(closed, [given('gate')], 'own/ann/gate/acme')[0]?.verdict, 'allow')
})

test('an ask without a hook is no opinion, and with no other opinion a refusal', () => {
  const hooks = hooksOf([new FakePlugin('gate', ['authenticate'])])
  const ask = [{ effect: 'ask', actions: ['publish'], filter: '#' }] as const
  assert.equal(publishAs(hooks, [given('gate', ask)], 'a')[0]?.verdict, 'deny')
})

test('receiving has to be looked at once some grant names it', () => {
  const hooks = hooksOf([new FakePlugin('gate', ['authenticate'])])
  hooks.newStanding([given('gate')], values)
  assert.equal(hooks.decidesReceive, false)
  hooks.newStanding([given('gate', [{ effect: 'deny', actions: ['receive'], filter: 'a' }])], values)
  assert.equal(hooks.decidesReceive, true)
})

test('a verdict that may be reused is not asked for again, by this client', () => {
  const gate = new FakePlugin('gate', ['authorizePublish'])
  const hooks = hooksOf([gate])
  const publish = (client: Client, topic: string): readonly Verdict[] => {
    const question = new TestQuestion(client, received({ topic }))
    hooks.askPublish(question)
    return question.decisions
  }
  const fresh = (): Client => testClient('ann', { subject, standing: hooks.newStanding([], values) })
  const [one, two] = [fresh(), fresh()]
  gate.reply = { verdict: 'allow', cacheMs: 60_000, throttleMs: 5 }
  publish(one, 'a')
  assert.deepEqual(publish(one, 'a'), [gate.reply])
  assert.equal(gate.asked.length, 1)
  publish(one, 'b')
  publish(two, 'a')
  assert.equal(gate.asked.length, 3)
})

test('plugins that are opened anew: grants hold by name, remembered verdicts do not, both can be taken back', () => {
  const before = hooksOf([new FakePlugin('gate', ['authorizePublish'])])
  const receive = [{ effect: 'deny', actions: ['receive'], filter: 'a' }] as const
  const granted = testClient('ann', {
    subject,
    standing: before.newStanding([given('gate', receive)], values),
  })
  const free = testClient('bob', { subject, standing: before.newStanding([], values) })
  const [gate] = before.plugins as [FakePlugin]
  gate.reply = { verdict: 'allow', cacheMs: 60_000 }
  before.askPublish(new TestQuestion(free, received({ topic: 'a' })))
  const anew = new FakePlugin('gate', ['authorizePublish'])
  const after = hooksOf([anew])
  after.succeed(before)
  assert.equal(after.decidesReceive, true)
  assert.deepEqual(names(after.receiveVoters(granted)), ['gate authorizeReceive'])
  after.askPublish(new TestQuestion(free, received({ topic: 'a' })))
  assert.equal(anew.asked.length, 1)
  after.memory.takeBack('gate', { tag: 'any' })
  anew.question(0).answer({ verdict: 'allow', cacheMs: 60_000 })
  after.askPublish(new TestQuestion(free, received({ topic: 'a' })))
  assert.equal(anew.asked.length, 2, 'an answer of before is not remembered')
})
