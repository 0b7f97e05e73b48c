import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { IConnackPacket } from 'mqtt-packet'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'

const { port } = await startBroker({ anonymous: true })
const narrow = await startBroker({ anonymous: true, mqtt: { maximumQos: 1 } })

const forSec = (sessionExpiryInterval: number) => ({ properties: { sessionExpiryInterval } })
const KEPT = { clean: false, ...forSec(600) } as const

/** A new connection of this client, whether its session is there or not. */
async function comesBack(
  clientId: string,
  options: Parameters<typeof RawClient.connect>[2] = KEPT,
  at = port,
): Promise<readonly [client: RawClient, connack: IConnackPacket]> {
  const client = await RawClient.open(at)
  const connack = await client.connack({ clientId, ...options })
  assert.equal(connack.reasonCode, 0)
  return [client, connack]
}

/** The connection goes, the broker knows it, and the session stays. */
async function leaves(client: RawClient): Promise<void> {
  client.send({ cmd: 'disconnect', reasonCode: 0 })
  assert.deepEqual(await client.end(), [])
}

const publisher = await RawClient.connect(port)
let published = 0

/** A message that the broker has taken. */
async function publish(topic: string, payload: string, qos: 1 | 2 = 1): Promise<void> {
  const messageId = ++published
  publisher.publish({ topic, payload, qos, messageId })
  await publisher.expect(qos === 1 ? 'puback' : 'pubrec')
  if (qos === 1) return
  publisher.send({ cmd: 'pubrel', messageId })
  await publisher.expect('pubcomp')
}

/**
 * A session with all that there is of one: a subscription, messages that wait, one in flight of either QoS,
 * one that waits for PUBREL. The client has left.
 */
async function leftSession(clientId: string): Promise<void> {
  const [client] = await comesBack(clientId)
  await client.subscribe({ topic: `${clientId}/#`, qos: 2 })
  for (const qos of [1, 2] as const) {
    await publish(`${clientId}/in-flight`, `${qos}`, qos)
    await client.expect('publish')
  }
  client.publish({ topic: 'aside', qos: 2, messageId: 77 })
  await client.expect('pubrec')
  await leaves(client)
  for (const qos of [1, 2] as const) await publish(`${clientId}/waiting`, `${qos}`, qos)
}

describe('[MQTT-3.1.2-4] Clean Start 1 discards what there is of the session', () => {
  for (const [what, expiry] of [
    ['and begins one that is kept', 600],
    ['and begins one that is not', 0],
  ] as const) {
    test(`${what}: nothing of the old one is left [MQTT-3.1.4-4]`, async () => {
      const clientId = `clean-${expiry}`
      await leftSession(clientId)
      const [client, { sessionPresent }] = await comesBack(clientId, { clean: true, ...forSec(expiry) })
      assert.equal(sessionPresent, false)
      await publish(`${clientId}/later`, 'to nobody')
      await client.silence()
      // known, it would be a repetition, and not go out
      await client.subscribe({ topic: 'own', qos: 0 })
      client.publish({ topic: 'own', qos: 2, messageId: 77 })
      await client.expect('pubrec')
      await client.expect('publish')
      await leaves(client)
      const [, again] = await comesBack(clientId)
      assert.equal(again.sessionPresent, expiry > 0)
    })
  }

  test('also when its client is still connected', async () => {
    const [client] = await comesBack('clean-online')
    await client.subscribe({ topic: 'clean-online', qos: 1 })
    const [second, { sessionPresent }] = await comesBack('clean-online', { clean: true })
    assert.equal(sessionPresent, false)
    await publish('clean-online', 'to nobody')
    await second.silence()
  })
})

test('[MQTT-3.1.2-5] [MQTT-3.2.2-3] [MQTT-3.1.3-2] Clean Start 0 goes on with the session of its client identifier', async () => {
  await leftSession('resumed')
  const [other, strange] = await comesBack('Resumed')
  assert.equal(strange.sessionPresent, false)
  const [client, { sessionPresent }] = await comesBack('resumed')
  assert.equal(sessionPresent, true)
  const got: (readonly [topic: string, payload: string, qos: number, dup: boolean])[] = []
  for (let i = 0; i < 4; i += 1) {
    const { topic, payload, qos, dup } = await client.expect('publish')
    got.push([topic, String(payload), qos, dup])
  }
  assert.deepEqual(got, [
    ['resumed/in-flight', '1', 1, true],
    ['resumed/in-flight', '2', 2, true],
    ['resumed/waiting', '1', 1, false],
    ['resumed/waiting', '2', 2, false],
  ])
  client.send({ cmd: 'pubrel', messageId: 77 })
  assert.equal((await client.expect('pubcomp')).reasonCode ?? 0, 0)
  await publish('resumed/live', 'still subscribed')
  assert.equal(String((await client.expect('publish')).payload), 'still subscribed')
  await other.silence()
})

test('[MQTT-3.1.2-6] [MQTT-3.2.2-3] Clean Start 0 without a session begins one', async () => {
  const [client, { sessionPresent }] = await comesBack('fresh')
  assert.equal(sessionPresent, false)
  await client.subscribe({ topic: 'fresh', qos: 1 })
  await publish('fresh', 'x')
  await client.expect('publish')
  await leaves(client)
  assert.equal((await comesBack('fresh'))[1].sessionPresent, true)
})

describe('Session Present', () => {
  test('[MQTT-3.2.2-2] [MQTT-3.2.2-3] is 0 with Clean Start 1, and else says whether there is a session', async () => {
    const seen: boolean[] = []
    for (const clean of [true, true, false, false, true, false]) {
      const [client, { sessionPresent }] = await comesBack('present', { clean, ...forSec(600) })
      seen.push(sessionPresent)
      await leaves(client)
    }
    assert.deepEqual(seen, [false, false, true, true, false, true])
  })

  test('[MQTT-3.2.2-6] is 0 in a refusal, though there is a session', async () => {
    const clientId = 'refused'
    const [client] = await comesBack(clientId, KEPT, narrow.port)
    await leaves(client)
    const refusedOne = await RawClient.open(narrow.port)
    const will = { topic: 'w', payload: '', qos: 2, retain: false } as const
    const { reasonCode, sessionPresent } = await refusedOne.connack({ clientId, ...KEPT, will })
    assert.deepEqual([reasonCode, sessionPresent], [0x9b, false])
    assert.equal((await comesBack(clientId, KEPT, narrow.port))[1].sessionPresent, true)
  })
})

const ENDS: readonly (readonly [how: string, end: (client: RawClient) => Promise<unknown>])[] = [
  ['DISCONNECT', leaves],
  [
    'the loss of the connection',
    async (client) => {
      client.socket.end()
      await client.end()
    },
  ],
  [
    'a malformed packet',
    async (client) => {
      client.write(hex('c1 00'))
      assert.equal(await client.disconnected(), 0x81)
    },
  ],
]

describe('[MQTT-3.1.2-23] the session outlives its connection as long as its expiry interval says', () => {
  for (const [how, end] of ENDS) {
    test(`after ${how} it is kept, subscriptions, messages and all`, async () => {
      const clientId = `kept after ${how}`
      const [client] = await comesBack(clientId, { clean: true, ...forSec(600) })
      await client.subscribe({ topic: clientId, qos: 1 })
      await end(client)
      await publish(clientId, 'meanwhile')
      const [back, { sessionPresent }] = await comesBack(clientId)
      assert.equal(sessionPresent, true)
      assert.equal(String((await back.expect('publish')).payload), 'meanwhile')
    })

    test(`after ${how} it is gone where the interval is 0 or absent`, async () => {
      for (const none of [forSec(0), {}]) {
        const clientId = `gone after ${how}`
        const [client] = await comesBack(clientId, { clean: false, ...none })
        await client.subscribe({ topic: clientId, qos: 1 })
        await end(client)
        const [back, { sessionPresent }] = await comesBack(clientId)
        assert.equal(sessionPresent, false)
        await publish(clientId, 'to nobody')
        await back.silence()
        await comesBack(clientId, { clean: true })
      }
    })
  }

  test('its interval over, it is gone; an interval of 0xFFFFFFFF is never over', async () => {
    // the will goes out with the session, and so tells of its end
    const watcher = await RawClient.connect(port)
    await watcher.subscribe({ topic: 'session/end', qos: 0 })
    const will = { topic: 'session/end', payload: '', qos: 0, retain: false } as const
    const brief = await RawClient.connect(port, 5, {
      clientId: 'brief',
      ...forSec(1),
      will: { ...will, properties: { willDelayInterval: 600 } },
    })
    const endless = await RawClient.connect(port, 5, { clientId: 'endless', ...forSec(0xffff_ffff) })
    const left = performance.now()
    for (const client of [endless, brief]) client.socket.end()
    await watcher.expect('publish')
    assert.ok(performance.now() - left >= 990, 'it was kept for its time')
    assert.equal((await comesBack('brief'))[1].sessionPresent, false)
    assert.equal((await comesBack('endless'))[1].sessionPresent, true)
  })

  test('DISCONNECT may say another interval', async () => {
    const clientId = 'changed'
    const [client] = await comesBack(clientId)
    client.send({ cmd: 'disconnect', reasonCode: 0, ...forSec(0) })
    await client.end()
    assert.equal((await comesBack(clientId))[1].sessionPresent, false)
  })
})

describe('[MQTT-3.1.4-3] a client identifier is in use once', () => {
  for (const [what, options] of [
    ['with Clean Start 1', { clean: true }],
    ['with Clean Start 0', { clean: false }],
  ] as const) {
    test(`${what}: the older connection gets DISCONNECT 0x8E and is closed`, async () => {
      const clientId = `twin ${what}`
      const [first] = await comesBack(clientId)
      const [second, { sessionPresent }] = await comesBack(clientId, { ...KEPT, ...options })
      assert.equal(sessionPresent, !options.clean)
      assert.equal(await first.disconnected(), 0x8e)
      await second.silence()
    })
  }

  test('the older one may speak MQTT 3.1.1, which has no word for it', async () => {
    const first = await RawClient.connect(port, 4, { clientId: 'old twin' })
    const [second] = await comesBack('old twin')
    assert.deepEqual(await first.end(), [])
    await second.silence()
  })

  test('a session under way goes on with the newer one, which gets what the older has not acknowledged', async () => {
    const [first] = await comesBack('moving')
    await first.subscribe({ topic: 'moving', qos: 1 })
    await publish('moving', 'x')
    const { messageId } = await first.expect('publish')
    const [second] = await comesBack('moving')
    const again = await second.expect('publish')
    assert.deepEqual([again.dup, again.messageId], [true, messageId])
    assert.equal(await first.disconnected(), 0x8e)
  })

  test('of many at once the last has it', async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.open(port)))
    for (const client of clients) await client.connack({ clientId: 'crowd' })
    const ends = await Promise.all(clients.slice(0, -1).map((client) => client.disconnected()))
    assert.deepEqual(
      ends,
      ends.map(() => 0x8e),
    )
    await clients.at(-1)?.silence()
  })

  test('a CONNECT that is refused takes nothing over', async () => {
    const [first] = await comesBack('steady', KEPT, narrow.port)
    const second = await RawClient.open(narrow.port)
    const will = { topic: 'w', payload: '', qos: 2, retain: false } as const
    assert.equal((await second.connack({ clientId: 'steady', will })).reasonCode, 0x9b)
    await first.silence()
  })
})
