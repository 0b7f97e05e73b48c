import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TOPIC_LEVELS } from '../../../src/base/limits.ts'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const { port } = await startBroker({
  anonymous: true,
  mqtt: { receiveMaximum: 3, topicAliasMaximum: 2 },
})
const narrow = await startBroker({ anonymous: true, mqtt: { maximumQos: 1, retainAvailable: false } })
const rated = await startBroker({ anonymous: true, quotas: { messagesPerSec: 20 } })
const closed = await startBroker({ anonymous: true, topicDefault: 'deny' })
const durable = await startBroker({ anonymous: true, data: tempFolder({}) })

/** A client that hears all on `topic`, at QoS 0: it has nothing to acknowledge. */
async function listener(topic: string, at = port): Promise<RawClient> {
  const client = await RawClient.connect(at)
  await client.subscribe({ topic, qos: 0 })
  return client
}

describe('topic aliases', () => {
  test('go out to who takes some, each connection its own, the first with the name [MQTT-3.3.2-7]', async () => {
    const takes = { properties: { topicAliasMaximum: 2 } }
    const [one, other] = await Promise.all([
      RawClient.connect(port, 5, takes),
      RawClient.connect(port, 5, takes),
    ])
    for (const each of [one, other]) await each.subscribe({ topic: 'out/#', qos: 1 })
    const client = await RawClient.connect(port)
    const topics = ['out/a', 'out/b', 'out/a', 'out/c', 'out/b']
    topics.forEach((topic, place) => client.publish({ topic, qos: 1, messageId: place + 1 }))
    for (const each of [one, other]) {
      const heard: unknown[] = []
      for (const _ of topics) {
        const { topic, properties, messageId } = await each.expect('publish')
        heard.push([messageId, topic, properties?.topicAlias])
      }
      assert.deepEqual(heard, [
        [1, 'out/a', 1],
        [2, 'out/b', 2],
        [3, '', 1],
        [4, 'out/c', undefined],
        [5, '', 2],
      ])
    }
  })

  test('[MQTT-3.3.2-12] an alias stands for the name that it was last given', async () => {
    const heard = await listener('alias/#')
    const client = await RawClient.connect(port)
    client.publish({ topic: 'alias/a', properties: { topicAlias: 1 } })
    client.publish({ topic: '', properties: { topicAlias: 1 } })
    client.publish({ topic: 'alias/b', properties: { topicAlias: 1 } })
    client.publish({ topic: '', properties: { topicAlias: 1 } })
    const topics: string[] = []
    for (let i = 0; i < 4; i++) {
      const { topic, properties } = await heard.expect('publish')
      assert.equal(properties?.topicAlias, undefined, 'an alias is for this connection alone')
      topics.push(topic)
    }
    assert.deepEqual(topics, ['alias/a', 'alias/a', 'alias/b', 'alias/b'])
  })

  for (const [title, topic, topicAlias, code] of [
    ['[MQTT-3.3.2-7] that this connection has not set', '', 1, 0x82],
    ['[MQTT-3.3.2-9] above the maximum', 'alias/c', 3, 0x94],
  ] as const) {
    test(`an alias ${title} ends the connection with ${code}`, async () => {
      const client = await RawClient.connect(port)
      client.publish({ topic, properties: { topicAlias } })
      assert.equal(await client.disconnected(), code)
    })
  }
})

/** The code with which a message of this topic and QoS is acknowledged. */
async function codeFor(
  topic: string,
  qos: 1 | 2,
  version: 4 | 5 = 5,
  at = port,
): Promise<number | undefined> {
  const client = await RawClient.connect(at, version)
  client.publish({ topic, qos, messageId: 1 })
  return (await client.expect(qos === 1 ? 'puback' : 'pubrec')).reasonCode
}

describe('a message that nobody has subscribed to', () => {
  for (const [kind, at] of [
    ['in memory', port],
    ['on disk', durable.port],
  ] as const) {
    test(`${kind}, QoS 1: MQTT 5 is told so by 0x10, also where the message is retained`, async () => {
      assert.equal(await codeFor('unheard', 1, 5, at), 0x10)
      assert.equal(await codeFor('unheard', 1, 4, at), undefined)
      const client = await RawClient.connect(at)
      for (const payload of ['kept', '']) {
        client.publish({ topic: 'unheard/kept', payload, retain: true, qos: 1, messageId: 1 })
        assert.equal((await client.expect('puback')).reasonCode, 0x10, payload)
      }
      await client.subscribe({ topic: 'unheard/kept', qos: 1 })
      client.publish({ topic: 'unheard/kept', payload: 'heard', retain: true, qos: 1, messageId: 1 })
      await client.expect('publish')
      assert.equal((await client.expect('puback')).reasonCode ?? 0, 0)
    })

    test(`${kind}, QoS 2: PUBREC tells nothing of who hears its message`, async () => {
      assert.equal(await codeFor('unheard', 2, 5, at), 0)
    })
  }

  test('in memory, QoS 2: it is told that its message has come before anybody gets it', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'own/2', qos: 2 })
    client.publish({ topic: 'own/2', qos: 2, messageId: 1 })
    await client.expect('pubrec')
    await client.expect('publish')
  })

  test('there is somebody: who is away, who shares, who must not have its own', async () => {
    const kept = { clean: false, properties: { sessionExpiryInterval: 60 } }
    const away = await RawClient.connect(port, 5, { ...kept, clientId: 'away' })
    await away.subscribe({ topic: 'heard/away', qos: 0 }, { topic: '$share/g/heard/shared', qos: 1 })
    away.send({ cmd: 'disconnect' })
    await away.end()
    for (const topic of ['heard/away', 'heard/shared']) assert.equal((await codeFor(topic, 1)) ?? 0, 0, topic)
    const own = await RawClient.connect(port)
    await own.subscribe({ topic: 'heard/own', qos: 0, nl: true })
    own.publish({ topic: 'heard/own', qos: 1, messageId: 1 })
    assert.equal((await own.expect('puback')).reasonCode ?? 0, 0)
  })

  test('a client that subscribes and leaves is nobody any more', async () => {
    const gone = await listener('left')
    assert.equal((await codeFor('left', 1)) ?? 0, 0)
    gone.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['left'] })
    await gone.expect('publish')
    await gone.expect('unsuback')
    assert.equal(await codeFor('left', 1), 0x10)
  })
})

describe('what CONNACK said is not offered ends the connection', () => {
  test('[MQTT-3.2.2-11] a QoS above the maximum: 0x9B', async () => {
    const client = await RawClient.open(narrow.port)
    assert.equal((await client.connack()).properties?.maximumQoS, 1)
    client.publish({ topic: 'a', qos: 2, messageId: 1 })
    assert.equal(await client.disconnected(), 0x9b)
  })

  test('[MQTT-3.2.2-14] a message to be retained: 0x9A', async () => {
    const client = await RawClient.open(narrow.port)
    assert.equal((await client.connack()).properties?.retainAvailable, false)
    client.publish({ topic: 'a', retain: true })
    assert.equal(await client.disconnected(), 0x9a)
  })

  test('[MQTT-3.3.4-7] more QoS 2 messages under way than the receive maximum: 0x93', async () => {
    const client = await RawClient.open(port)
    assert.equal((await client.connack()).properties?.receiveMaximum, 3)
    for (const messageId of [1, 2, 3]) {
      client.publish({ topic: 'a', qos: 2, messageId })
      await client.expect('pubrec')
    }
    client.publish({ topic: 'a', qos: 2, messageId: 1, dup: true })
    await client.expect('pubrec') // a repetition is none more
    client.send({ cmd: 'pubrel', messageId: 1 })
    await client.expect('pubcomp')
    client.publish({ topic: 'a', qos: 1, messageId: 4 })
    await client.expect('puback')
    client.publish({ topic: 'a', qos: 2, messageId: 5 })
    await client.expect('pubrec')
    client.publish({ topic: 'a', qos: 1, messageId: 6 })
    assert.equal(await client.disconnected(), 0x93)
  })

  test('before MQTT 5 all of them are published, and PUBREC of one more waits for a PUBREL', async () => {
    const heard = await listener('waits')
    const client = await RawClient.connect(port, 4, { clientId: 'waits', clean: false })
    for (const messageId of [1, 2, 3, 4, 5])
      client.publish({ topic: 'waits', payload: `${messageId}`, qos: 2, messageId })
    for (const messageId of [1, 2, 3]) assert.equal((await client.expect('pubrec')).messageId, messageId)
    for (const payload of '12345') assert.equal(String((await heard.expect('publish')).payload), payload)
    await client.silence()
    client.send({ cmd: 'pubrel', messageId: 2 })
    assert.equal((await client.expect('pubcomp')).messageId, 2)
    assert.equal((await client.expect('pubrec')).messageId, 4)
    client.socket.destroy()
    // on another connection it is counted anew: what is left of the earlier one does not stand in the way
    const again = await RawClient.connect(port, 4, { clientId: 'waits', clean: false })
    for (const messageId of [1, 3, 4, 5])
      again.publish({ topic: 'waits', payload: `${messageId}`, qos: 2, messageId, dup: true })
    for (const messageId of [1, 3, 4]) assert.equal((await again.expect('pubrec')).messageId, messageId)
    again.send({ cmd: 'pubrel', messageId: 1 })
    assert.equal((await again.expect('pubcomp')).messageId, 1)
    assert.equal((await again.expect('pubrec')).messageId, 5)
    await heard.silence()
  })
})

describe('QoS 2', () => {
  test('[MQTT-4.3.3-10] a repeated PUBLISH is no second message, until PUBREL', async () => {
    const heard = await listener('once')
    const client = await RawClient.connect(port)
    for (const payload of ['first', 'again', 'again']) {
      client.publish({ topic: 'once', payload, qos: 2, messageId: 9, dup: payload === 'again' })
      assert.equal((await client.expect('pubrec')).messageId, 9)
    }
    client.send({ cmd: 'pubrel', messageId: 9 })
    await client.expect('pubcomp')
    client.publish({ topic: 'once', payload: 'new', qos: 2, messageId: 9 }) // [MQTT-4.3.3-12]
    await client.expect('pubrec')
    assert.equal((await heard.expect('publish')).payload.toString(), 'first')
    assert.equal((await heard.expect('publish')).payload.toString(), 'new')
    await heard.silence()
  })

  test('[MQTT-4.3.3-10] nor is one that comes on the next connection of the session', async () => {
    const heard = await listener('resumed')
    const kept = { clientId: 'resumes', clean: false, properties: { sessionExpiryInterval: 60 } }
    const first = await RawClient.connect(port, 5, kept)
    first.publish({ topic: 'resumed', payload: 'once', qos: 2, messageId: 7 })
    await first.expect('pubrec')
    first.socket.destroy()
    const second = await RawClient.open(port)
    assert.equal((await second.connack(kept)).sessionPresent, true)
    second.publish({ topic: 'resumed', payload: 'once', qos: 2, messageId: 7, dup: true })
    await second.expect('pubrec')
    second.send({ cmd: 'pubrel', messageId: 7 })
    assert.equal((await second.expect('pubcomp')).reasonCode ?? 0, 0)
    await heard.expect('publish')
    await heard.silence()
  })
})

const deep = (levels: number): string => Array.from({ length: levels }, () => 'l').join('/')

describe('a topic name', () => {
  test(`has at most ${TOPIC_LEVELS} levels: more end the connection with 0x81`, async () => {
    const heard = await listener('l/#')
    const client = await RawClient.connect(port)
    client.publish({ topic: deep(TOPIC_LEVELS) })
    await heard.expect('publish')
    client.publish({ topic: deep(TOPIC_LEVELS + 1) })
    assert.equal(await client.disconnected(), 0x81)
    await heard.silence()
  })

  test('has no wildcard [MQTT-3.3.2-2]', async () => {
    const client = await RawClient.connect(port)
    client.publish({ topic: 'a/+' })
    assert.equal(await client.disconnected(), 0x81)
  })
})

test('a QoS 2 message may be repeated without DUP, but not twice the same', async () => {
  const client = await RawClient.connect(port)
  const repeat = (payload: string, dup = false): void =>
    client.publish({ topic: 'again', qos: 2, messageId: 7, payload, dup })
  for (const payload of ['x', 'x', 'other', 'x']) {
    repeat(payload)
    await client.expect('pubrec')
  }
  for (const _ of [1, 2]) {
    repeat('x', true)
    await client.expect('pubrec')
  }
  repeat('x')
  assert.equal(await client.disconnected(), 0x82)
})

test('a bridge may say in $SYS that it is up; nobody publishes to $share', async () => {
  const client = await RawClient.connect(port)
  client.publish({ topic: '$SYS/broker/connection/bridge/state', qos: 1, messageId: 1, payload: '1' })
  assert.equal((await client.expect('puback')).reasonCode, 0)
  for (const topic of ['$SYS/broker/connection/bridge', '$share/group/topic']) {
    client.publish({ topic, qos: 1, messageId: 1 })
    assert.equal((await client.expect('puback')).reasonCode, 0x87)
  }
})

test('where no plugin decides, topicDefault does: MQTT 5 is told 0x87, before it nobody is', async () => {
  const v5 = await RawClient.connect(closed.port)
  v5.publish({ topic: 'a', qos: 1, messageId: 1 })
  assert.equal((await v5.expect('puback')).reasonCode, 0x87)
  v5.publish({ topic: 'a', qos: 2, messageId: 2 })
  assert.equal((await v5.expect('pubrec')).reasonCode, 0x87)
  // with the refusal the exchange was over: this is no repetition, which would be acknowledged
  v5.publish({ topic: 'a', qos: 2, messageId: 2 })
  assert.equal((await v5.expect('pubrec')).reasonCode, 0x87)
  const v4 = await RawClient.connect(closed.port, 4)
  v4.publish({ topic: 'a', qos: 1, messageId: 1 })
  await v4.expect('puback')
  v4.publish({ topic: 'a', qos: 2, messageId: 2 })
  await v4.expect('pubrec')
  v4.send({ cmd: 'pubrel', messageId: 2 })
  await v4.expect('pubcomp')
})

test('above the tenant’s rate a publisher is slowed down, and nothing is lost', async () => {
  const heard = await listener('rated', rated.port)
  const client = await RawClient.connect(rated.port)
  const start = performance.now()
  for (let i = 0; i < 30; i++) client.publish({ topic: 'rated', payload: `${i}` })
  for (let i = 0; i < 30; i++) assert.equal((await heard.expect('publish')).payload.toString(), `${i}`)
  // a second's worth at once, then 20 a second: ten more take half a second
  assert.ok(performance.now() - start > 400)
})
