import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SUBSCRIPTION_COST } from '../../../src/base/limits.ts'
import { Peer } from '../../../src/protocol/peer.ts'
import { subscribe } from '../../../src/protocol/subscribe.ts'
import { CONDUCT } from '../../../src/protocol/verbs.ts'
import { startBroker } from '../../support/broker.ts'
import { StagedConnection } from '../../support/protocol-stage.ts'
import { RawClient } from '../../support/raw-client.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { CountedTurns } from '../../support/turns.ts'
import { foreignBytes, frameOf } from '../codec/framed.ts'

const DECIDER = `
import { allow, definePlugin, deny, disconnect } from 'bulkhead/plugin'
const ANSWERS = {
  no: deny({ code: 0x87, reason: 'not yours' }),
  low: allow({ maxQos: 0 }),
  quiet: allow({ retainHandling: 2 }),
  alone: allow({ noLocal: true }),
  moved: allow({ rewriteTo: 'elsewhere' }),
  lost: allow({ rewriteTo: 'elsewhere/#' }),
}
export default definePlugin({
  authorizeSubscribe: ({ filters }) => {
    if (filters.some(({ filter }) => filter === 'out')) return disconnect({ code: 0x98, reason: 'enough' })
    const answer = ({ filter, share }) => share === 'no' ? deny() : ANSWERS[filter] ?? allow()
    return { filters: filters.map(answer) }
  },
})
`
const folder = tempFolder({ 'decider/plugin.ts': DECIDER })
const open = await startBroker({ anonymous: true, quotas: { subscriptionsPerSession: 3 } })
const closed = await startBroker({ anonymous: true, topicDefault: 'deny' })
const narrow = await startBroker({ anonymous: true, mqtt: { maximumQos: 1 } })
const guarded = await startBroker({
  anonymous: true,
  plugins: { [path.join(folder, 'decider')]: null },
})

describe('[MQTT-3.8.4-6] SUBACK has a code for each filter, in their order', () => {
  test('[MQTT-3.8.4-7] the granted QoS, or why not', async () => {
    const client = await RawClient.connect(guarded.port)
    const codes = await client.subscribe(
      { topic: 'a', qos: 2 },
      { topic: 'no', qos: 1 },
      { topic: 'low', qos: 2 },
      { topic: 'a/#/b', qos: 0 },
      { topic: '$share/no/b', qos: 0 },
      { topic: '$share/g/b', qos: 1 },
      { topic: 'moved', qos: 1 },
      { topic: 'lost', qos: 1 },
    )
    assert.deepEqual(codes, [2, 0x87, 0, 0x8f, 0x80, 1, 1, 0x83])
  })

  test('[MQTT-3.9.3-2] before MQTT 5 every failure is 0x80', async () => {
    const client = await RawClient.connect(guarded.port, 4)
    assert.deepEqual(
      await client.subscribe({ topic: 'no', qos: 1 }, { topic: '$share/g', qos: 0 }, { topic: 'b', qos: 1 }),
      [0x80, 0x80, 1],
    )
  })

  test('[MQTT-4.7.1-1] before MQTT 5 a wildcard out of its place closes the connection', async () => {
    for (const cmd of ['subscribe', 'unsubscribe'] as const) {
      const client = await RawClient.connect(guarded.port, 4)
      if (cmd === 'unsubscribe') client.send({ cmd, messageId: 1, unsubscriptions: ['ab/+e'] })
      else client.send({ cmd, messageId: 1, subscriptions: [{ topic: 'ab/+e', qos: 0 }] })
      assert.deepEqual(await client.end(), [])
    }
  })

  test('the plugin’s reason is given to who wants one [MQTT-3.1.2-29]', async () => {
    for (const requestProblemInformation of [true, false]) {
      const client = await RawClient.connect(guarded.port, 5, { properties: { requestProblemInformation } })
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'no', qos: 0 }] })
      const { properties } = await client.expect('suback')
      assert.equal(properties?.reasonString, requestProblemInformation ? 'not yours' : undefined)
    }
  })

  test('[MQTT-3.2.2-10] a QoS above the maximum is lowered, not refused', async () => {
    const client = await RawClient.connect(narrow.port)
    assert.deepEqual(await client.subscribe({ topic: 'a', qos: 2 }), [1])
  })

  test('a filter of 201 levels is refused, one of 200 is not', async () => {
    const client = await RawClient.connect(open.port)
    const codes = await client.subscribe(
      { topic: '/'.repeat(199), qos: 0 },
      { topic: '/'.repeat(200), qos: 0 },
    )
    assert.deepEqual(codes, [0, 0x8f])
  })

  test('subscriptions above the quota are refused with 0x97; one of the same filter replaces', async () => {
    const client = await RawClient.connect(open.port)
    const codes = await client.subscribe(
      ...['a', 'b', 'c', 'd', 'a'].map((topic) => ({ topic, qos: 1 as const })),
    )
    assert.deepEqual(codes, [1, 1, 1, 0x97, 1])
  })

  test('where no plugin decides, topicDefault does', async () => {
    const client = await RawClient.connect(closed.port)
    assert.deepEqual(await client.subscribe({ topic: 'a', qos: 0 }), [0x87])
  })
})

describe('a SUBSCRIBE that ends the connection', () => {
  test('a plugin’s disconnect is said with its code', async () => {
    const client = await RawClient.connect(guarded.port)
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'out', qos: 0 }] })
    assert.equal(await client.disconnected(), 0x98)
  })

  test('[MQTT-3.8.3-4] no local on a shared subscription', async () => {
    const client = await RawClient.connect(open.port)
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: '$share/g/a', qos: 0, nl: true }],
    })
    assert.equal(await client.disconnected(), 0x82)
  })

  for (const [title, bytes, code] of [
    ['[MQTT-3.8.3-2] without a filter', '8203000100', 0x81],
    ['[MQTT-3.8.3-5] with reserved options', '820700010000016140', 0x81],
    ['[MQTT-3.8.1-1] with the wrong flags', '800700010000016100', 0x81],
  ] as const) {
    test(title, async () => {
      const client = await RawClient.connect(open.port)
      client.write(Buffer.from(bytes, 'hex'))
      assert.equal(await client.disconnected(), code)
    })
  }
})

describe('retained messages follow SUBACK', () => {
  test('[MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11] as retain handling asks', async () => {
    const publisher = await RawClient.connect(open.port)
    publisher.publish({ topic: 'r', payload: 'kept', retain: true, qos: 1, messageId: 1 })
    await publisher.expect('puback')
    const client = await RawClient.connect(open.port)
    for (const [rh, isSent] of [
      [2, false],
      [1, false], // the subscription is there already
      [0, true],
    ] as const) {
      await client.subscribe({ topic: 'r', qos: 0, rh })
      if (isSent) assert.equal((await client.expect('publish')).retain, true)
      await client.silence()
    }
    const other = await RawClient.connect(open.port)
    await other.subscribe({ topic: 'r', qos: 0, rh: 1 })
    await other.expect('publish')
    await other.subscribe({ topic: '$share/g/r', qos: 0 }) // shared subscriptions get none
    await other.silence()
  })

  test('the plugin has the last word on options', async () => {
    const client = await RawClient.connect(guarded.port)
    client.publish({ topic: 'quiet', payload: 'kept', retain: true, qos: 1, messageId: 1 })
    await client.expect('puback')
    await client.subscribe({ topic: 'quiet', qos: 0 }, { topic: 'alone', qos: 0 })
    client.publish({ topic: 'alone', payload: 'mine' })
    await client.silence()
  })

  test('[MQTT-3.8.4-3] [MQTT-3.8.4-8] a subscription replaces one of the same filter, its QoS included', async () => {
    const client = await RawClient.connect(open.port)
    await client.subscribe({ topic: 'q', qos: 2 })
    await client.subscribe({ topic: 'q', qos: 0 })
    client.publish({ topic: 'q', qos: 1, messageId: 1 })
    assert.equal((await client.expect('publish')).qos, 0)
    await client.expect('puback')
    await client.silence()
  })
})

test('of a SUBSCRIBE of many filters a turn does as many as it has time for; SUBACK answers all', async () => {
  const realm = await StagedRealm.open({ turns: new CountedTurns(4 * SUBSCRIPTION_COST) })
  const connection = new StagedConnection()
  const peer = new Peer(realm.node, connection, 'mqtt', CONDUCT)
  const session = realm.session('ann', null)
  Object.assign(peer, { state: 'online', realm: realm.tenant, session, client: session.client })
  const filters = Array.from({ length: 10 }, (_, place) => ({ topic: `f/${place}`, qos: 0 }) as const)
  subscribe(peer, frameOf(foreignBytes({ cmd: 'subscribe', messageId: 1, subscriptions: filters }, 4)))
  const counts = [session.subscriptions.size]
  assert.equal(connection.holds, 1, 'nothing behind it is read meanwhile')
  while (connection.holds > 0) {
    assert.equal(connection.taken().length, 0)
    await nextTurn()
    counts.push(session.subscriptions.size)
  }
  assert.deepEqual(counts, [4, 8, 10])
  assert.equal(connection.taken().length, 2 + 2 + filters.length)
})
