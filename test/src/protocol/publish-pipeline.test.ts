import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as out } from 'node:timers/promises'
import fc from 'fast-check'
import { FairTurns } from '../../../src/base/fair-turns.ts'
import { PLUGIN_PUBLISHES_ASKED } from '../../../src/base/limits.ts'
import { createMessage, type Message, payloadOf } from '../../../src/codec/message.ts'
import { PluginPublisher } from '../../../src/protocol/publish-from-plugin.ts'
import { publishWill } from '../../../src/protocol/publish-will.ts'
import { PendingWill } from '../../../src/session/will.ts'
import { DecidingPlugin } from '../../support/deciding-plugin.ts'
import { type Asked, FakePlugin, type Reply } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { testClient } from '../../support/sessions.ts'
import { StagedPeer } from '../../support/staged-peer.ts'
import { type RealmOptions, StagedRealm } from '../../support/staged-realm.ts'

const ALLOW: Reply = { verdict: 'allow' }
const pass: Reply = { verdict: 'transform', op: 'pass' }
const patch = (fields: Extract<Reply, { op: 'patch' }>['patch']): Reply => ({
  verdict: 'transform',
  op: 'patch',
  patch: fields,
})
const topicOf = (asked: Asked): string => String(asked.event['topic'])

/** Refuses what begins with `no`. */
const gate = (): DecidingPlugin =>
  new DecidingPlugin('gate', ['authorizePublish'], (asked) =>
    topicOf(asked).startsWith('no') ? { verdict: 'deny', code: 0x87, reason: 'not there' } : ALLOW,
  )
const transformer = (reply: Reply): DecidingPlugin =>
  new DecidingPlugin('shaper', ['transformMessage'], () => reply)

async function staged(options: RealmOptions): Promise<{ realm: StagedRealm; ann: StagedPeer }> {
  const realm = await StagedRealm.open(options)
  return { realm, ann: new StagedPeer(realm, 'ann') }
}

const topics = ({ routed }: StagedRealm): readonly string[] => routed.map(({ topic }) => topic)

test('what a transform leaves as it is is authorised once, and goes out as it came', async () => {
  const decider = gate()
  const { realm, ann } = await staged({ plugins: [decider, transformer(pass)] })
  const message = received({ topic: 'a', qos: 1 })
  ann.publish(message)
  assert.equal(realm.routed[0], message)
  assert.equal(decider.asked.length, 1)
  assert.equal(ann.packets()[0]?.cmd, 'puback')
})

test('whatever a voter sees and a transform changes is authorised again, as it goes out', async () => {
  for (const changed of [
    { topic: 'b' },
    { qos: 0 },
    { retain: true },
    { properties: { contentType: 't' } },
  ] as const) {
    const decider = gate()
    const { realm, ann } = await staged({ plugins: [decider, transformer(patch(changed))] })
    ann.publish(received({ topic: 'a', qos: 1 }))
    const seen = { topic: 'a', qos: 1, retain: false, ...changed }
    assert.deepEqual(decider.question(1).event, seen)
    assert.equal(realm.routed.length, 1)
  }
})

test('a new payload is authorised where a voter sees payloads, and nowhere else', async () => {
  for (const capabilities of [{ payload: true }, {}] as const) {
    const decider = new DecidingPlugin('gate', ['authorizePublish'], () => ALLOW, capabilities)
    const shaper = transformer(patch({ payload: Buffer.from('new') }))
    const { realm, ann } = await staged({ plugins: [decider, shaper] })
    ann.publish(received({ topic: 'a' }))
    assert.equal(decider.asked.length, 'payload' in capabilities ? 2 : 1)
    assert.equal(String(payloadOf(realm.routed[0] as Message)), 'new')
    assert.equal(realm.tenant.hooks.transformedBytes, 0)
  }
})

test('where one output is refused nothing is published, and the client is told that refusal', async () => {
  const outputs = { verdict: 'transform', op: 'replace', with: [{ topic: 'yes' }, { topic: 'no' }] } as const
  const { realm, ann } = await staged({ plugins: [gate(), transformer(outputs)] })
  ann.publish(received({ topic: 'a', qos: 1, retain: true }))
  assert.deepEqual(realm.routed, [])
  assert.equal(realm.node.engine.retained.count('acme'), 0)
  const [puback] = ann.packets()
  assert.ok(puback?.cmd === 'puback')
  assert.deepEqual([puback.reasonCode, puback.properties?.reasonString], [0x87, 'not there'])
  const [refused] = realm.node.refused
  assert.equal(refused?.topic, 'no')
  assert.deepEqual(
    refused?.voices?.map(({ hook, verdict }) => [hook, verdict.verdict]),
    [
      ['transformMessage', 'transform'],
      ['authorizePublish', 'deny'],
    ],
  )
})

test('a drop is acknowledged by its choice, with the QoS of the packet', async () => {
  for (const qos of [1, 2] as const) {
    const loud = await staged({ plugins: [transformer({ verdict: 'transform', op: 'drop' })] })
    loud.ann.publish(received({ topic: 'a', qos }))
    const silently = transformer({ verdict: 'transform', op: 'drop', ack: 'silent' })
    const silent = await staged({ plugins: [silently] })
    silent.ann.publish(received({ topic: 'a', qos }))
    const acks = [loud.ann, silent.ann].map((each) => {
      const [ack] = each.packets()
      assert.ok(ack?.cmd === (qos === 1 ? 'puback' : 'pubrec'))
      return ack.reasonCode ?? 0
    })
    assert.deepEqual(acks, [0x87, 0])
    assert.deepEqual([loud.realm.routed, silent.realm.routed], [[], []])
    // [MQTT-4.3.3-9] after a refusal the identifier may name a new message, else it waits for PUBREL
    assert.equal(loud.ann.peer.session?.received.size, 0)
    assert.equal(silent.ann.peer.session?.received.size, qos === 2 ? 1 : 0)
  }
})

test('it is told of as dropped, to the other plugins', async () => {
  const listener = new FakePlugin('listener', ['onBrokerMessageDropped'])
  const drop = transformer({ verdict: 'transform', op: 'drop', ack: 'silent' })
  const { ann } = await staged({ plugins: [drop, listener] })
  ann.publish(received({ topic: 'a' }))
  const event = listener.told[0]?.event as { reason: string; message: { topic: string } }
  assert.deepEqual([event.reason, event.message.topic], ['transformed', 'a'])
})

test('maxQos and retain: false of the first verdict hold for whatever becomes of the message', async () => {
  const limiter = new DecidingPlugin('gate', ['authorizePublish'], (asked) =>
    topicOf(asked) === 'a' ? { verdict: 'allow', maxQos: 1, retain: false } : ALLOW,
  )
  const raise = transformer(patch({ topic: 'b', qos: 2, retain: true }))
  const { realm, ann } = await staged({ plugins: [limiter, raise] })
  ann.publish(received({ topic: 'a', qos: 2, retain: true }))
  assert.deepEqual([realm.routed[0]?.qos, realm.routed[0]?.retain], [1, false])
  assert.equal(ann.packets()[0]?.cmd, 'pubrec', 'its sender is acknowledged by the QoS that it sent')
})

test('what is allowed of an output is all that goes out of it', async () => {
  const limiter = new DecidingPlugin('gate', ['authorizePublish'], (asked) =>
    topicOf(asked) === 'b' ? { verdict: 'allow', maxQos: 0, retain: false, throttleMs: 60_000 } : ALLOW,
  )
  const { realm, ann } = await staged({ plugins: [limiter, transformer(patch({ topic: 'b' }))] })
  ann.publish(received({ topic: 'a', qos: 1, retain: true }))
  assert.deepEqual([realm.routed[0]?.qos, realm.routed[0]?.retain], [0, false])
  assert.equal(ann.connection.holds, 1, 'throttled')
})

test('publishes leave in their order, however long each is on its way', async () => {
  const slow = new FakePlugin('shaper', ['transformMessage'])
  const { realm, ann } = await staged({ plugins: [slow] })
  for (const topic of ['one', 'two']) ann.publish(received({ topic, qos: 1 }))
  slow.question(1).answer(patch({ topic: 'second' }))
  assert.deepEqual(topics(realm), [])
  slow.question(0).answer(pass)
  assert.deepEqual(topics(realm), ['one', 'second'])
})

test('each message more than came in is paid for from the tenant’s rate', async () => {
  const three = { verdict: 'transform', op: 'replace', with: [{ topic: 'b' }, { topic: 'c' }] } as const
  const options = { plugins: [transformer(three)], quotas: { messagesPerSec: 1 } }
  const { realm, ann } = await staged(options)
  ann.publish(received({ topic: 'a' }))
  assert.equal(ann.connection.holds, 0)
  ann.publish(received({ topic: 'a' }))
  assert.equal(ann.connection.holds, 1)
  assert.deepEqual(realm.met, ['messagesPerSec'])
})

test('what plugins have made is no longer counted once it went out, or was refused', async () => {
  for (const topic of ['yes', 'no']) {
    const fat: Reply = { verdict: 'transform', op: 'replace', with: [{ topic, payload: Buffer.from('fat') }] }
    const options = { plugins: [gate(), transformer(fat)] }
    const { realm } = await sendAllWays(options, { topic: 'a', qos: 1, retain: false })
    assert.deepEqual([realm.routed.length, realm.tenant.hooks.transformedBytes], [topic === 'yes' ? 3 : 0, 0])
  }
})

test('where the quota of retained messages does not cover all outputs, none goes out: of a client, a will, a plugin', async () => {
  const two = { verdict: 'transform', op: 'replace', with: [{ topic: 'b' }, { topic: 'c' }] } as const
  const options = { plugins: [transformer(two)], quotas: { retainedMessages: 1 } }
  const { realm, ann } = await sendAllWays(options, { topic: 'a', qos: 1, retain: true })
  assert.equal(realm.node.engine.retained.count('acme'), 0)
  assert.deepEqual(realm.routed, [])
  assert.deepEqual(realm.met, ['retainedMessages', 'retainedMessages', 'retainedMessages'])
  assert.deepEqual(
    realm.node.refused.map(({ action, reasonCode }) => [action, reasonCode]),
    [
      ['publish', 0x97],
      ['will', 0x97],
      ['publish', 0x97],
    ],
  )
  const [puback] = ann.packets()
  assert.ok(puback?.cmd === 'puback')
  assert.equal(puback.reasonCode, 0x97)
})

// the invariant, with plugins whose answers nobody has thought of

const TOPICS = ['a', 'b', 'c', 'd']
const WHO = ['ann', 'plugin:helper']
type Form = readonly [topic: string, qos: number, retain: boolean, publisher: string]

/**
 * What a plugin refuses: of a topic and publisher whatever is above a QoS, or retained. Who may send more may
 * send less, so that lowering opens nothing.
 */
interface Policy {
  readonly below: ReadonlyMap<string, number>
  readonly unretained: ReadonlySet<string>
}

const spots = TOPICS.flatMap((topic) => WHO.map((who) => `${who} ${topic}`))
const policy: fc.Arbitrary<Policy> = fc.record({
  below: fc
    .array(fc.tuple(fc.constantFrom(...spots), fc.constantFrom(0, 1, 2)), { maxLength: 4 })
    .map((pairs) => new Map(pairs)),
  unretained: fc.subarray(spots).map((each) => new Set(each)),
})

function refuses({ below, unretained }: Policy, [topic, qos, retain, publisher]: Form): boolean {
  const spot = `${publisher} ${topic}`
  return qos >= (below.get(spot) ?? 3) || (retain && unretained.has(spot))
}

const anyPatch = fc.record(
  {
    topic: fc.constantFrom(...TOPICS),
    qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
    retain: fc.boolean(),
  },
  { requiredKeys: ['topic'], noNullPrototype: true },
)
const anyTransform: fc.Arbitrary<Reply> = fc.oneof(
  fc.constant(pass),
  anyPatch.map((fields) => patch(fields)),
  fc
    .array(anyPatch, { maxLength: 3 })
    .map((each): Reply => ({ verdict: 'transform', op: 'replace', with: each })),
  fc.constantFrom<Reply>({ verdict: 'transform', op: 'drop' }, { verdict: 'deny' }, 'timeout', ALLOW),
)
const anyWill: fc.Arbitrary<Reply> = fc.oneof(
  fc.constantFrom<Reply>(ALLOW, { verdict: 'abstain' }, { verdict: 'suppress' }, 'timeout'),
  anyPatch.map((will): Reply => ({ verdict: 'set', will })),
)
const anyAllow: fc.Arbitrary<Reply> = fc.record(
  {
    verdict: fc.constant('allow' as const),
    maxQos: fc.constantFrom(0 as const, 1 as const),
    retain: fc.constant(false as const),
  },
  { requiredKeys: ['verdict'], noNullPrototype: true },
)

const anyPlugin = fc.record({
  policy,
  allows: anyAllow,
  transforms: fc.array(anyTransform, { maxLength: TOPICS.length }),
  will: anyWill,
})
type AnyPlugin = typeof anyPlugin extends fc.Arbitrary<infer Plugin> ? Plugin : never

function play(name: string, rules: AnyPlugin): DecidingPlugin {
  return new DecidingPlugin(name, ['authorizePublish', 'transformMessage', 'authorizeWill'], (asked) => {
    const { event, subject } = asked
    if (asked.hook === 'authorizeWill') return rules.will
    const topic = topicOf(asked)
    if (asked.hook === 'transformMessage') return rules.transforms[TOPICS.indexOf(topic)] ?? pass
    const { clientId } = JSON.parse(subject?.json ?? '{"clientId":"ann"}') as { clientId: string }
    const form = [topic, Number(event['qos']), event['retain'] === true, clientId] as const
    return refuses(rules.policy, form) ? { verdict: 'deny', code: 0x87 } : rules.allows
  })
}

function formOf({ topic, qos, retain, publisher }: Message): Form {
  return [topic, qos, retain, publisher?.clientId ?? '']
}

const anyMessage = fc.record({
  topic: fc.constantFrom(...TOPICS),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  retain: fc.boolean(),
})

/** Sends the message in all three ways. @returns what went out. */
async function sendAllWays(
  options: RealmOptions,
  sent: { readonly topic: string; readonly qos: 0 | 1 | 2; readonly retain: boolean },
): Promise<{ realm: StagedRealm; ann: StagedPeer }> {
  const { realm, ann } = await staged(options)
  ann.publish(received(sent))
  const client = testClient('ann')
  const message = createMessage({ ...sent, payload: Buffer.from('gone'), publisher: client })
  publishWill(realm.node, realm.tenant, new PendingWill(message, client, 0, undefined), null, () => undefined)
  const turns = new FairTurns(1000, PLUGIN_PUBLISHES_ASKED)
  const publisher = new PluginPublisher(realm.node, realm.tenant, turns)
  publisher.publish('helper', { ...sent, payload: Buffer.from('hi'), properties: {}, hops: 1 })
  await out()
  return { realm, ann }
}

test('nothing goes out, or is retained, that an authorizePublish would refuse as it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPlugin, { minLength: 1, maxLength: 3 }), anyMessage, async (rules, sent) => {
      const plugins = rules.map((each, place) => play(`plugin${place}`, each))
      const { realm } = await sendAllWays({ plugins }, sent)
      const retained: Message[] = []
      realm.node.engine.retained.match('acme', '#', {
        retained: (message) => retained.push(message) > 0,
        done: () => undefined,
      })
      for (const message of [...realm.routed, ...retained]) {
        const form = formOf(message)
        assert.ok(!rules.some((each) => refuses(each.policy, form)), `${form.join()} went out`)
      }
    }),
    { numRuns: 500 },
  )
})

test('permuting plugins that only decide changes nothing of what goes out', async () => {
  const deciders = fc.array(anyPlugin, { minLength: 2, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(deciders, anyMessage, async (rules, sent) => {
      const still = rules.map((each) => ({ ...each, transforms: [] }))
      const forms = async (order: readonly AnyPlugin[]): Promise<readonly Form[]> => {
        const plugins = order.map((each) => play(`plugin${still.indexOf(each as never)}`, each))
        return (await sendAllWays({ plugins }, sent)).realm.routed.map(formOf)
      }
      assert.deepEqual(await forms(still), await forms(still.toReversed()))
    }),
    { numRuns: 200 },
  )
})
