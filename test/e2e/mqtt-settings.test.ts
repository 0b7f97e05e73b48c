import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { IConnackPacket } from 'mqtt-packet'
import { FREE_LISTENERS, startBroker } from '../support/broker.ts'
import { RawClient } from '../support/raw-client.ts'

const FREE = { type: 'tcp', bind: '127.0.0.1:0' } as const
const CELLS = { sandbox: { spareCells: 0 } } as const

const narrow = await startBroker({
  ...CELLS,
  anonymous: true,
  listeners: {
    ...FREE_LISTENERS,
    modern: {
      ...FREE,
      mqtt: {
        acceptProtocolVersions: [5],
        autoIdPrefix: 'modern-',
        serverKeepAlive: 60,
        maximumQos: 0,
        receiveMaximum: 20,
        topicAliasMaximum: 1,
        maximumPacketSize: 100,
      },
    },
    old: {
      ...FREE,
      mqtt: { acceptProtocolVersions: '3, 4', maxKeepalive: 100, allowZeroLengthClientid: false },
    },
  },
  mqtt: {
    wildcardSubscriptionAvailable: false,
    sharedSubscriptionAvailable: false,
    subscriptionIdentifiersAvailable: false,
    retainAvailable: false,
    maximumQos: 1,
    maxKeepalive: 60,
    sessionExpiryIntervalMax: 100,
    messageSizeLimit: 4,
  },
})
const roomy = await startBroker({
  ...CELLS,
  anonymous: true,
  mqtt: { upgradeOutgoingQos: true, queueQos0Messages: true, maxInflightBytes: 16, maxQueuedMessages: 3 },
})
const crowded = await startBroker({
  ...CELLS,
  mqtt: { globalMaxConnections: 2, globalMaxClients: 3 },
  tenants: {
    acme: { match: { usernamePrefix: 'acme:' }, anonymous: true },
    default: { anonymous: true },
  },
})

function portOf(listener: string): number {
  return narrow.broker.listeners.find(({ name }) => name === listener)?.port ?? 0
}

const KEPT = { clean: false, properties: { sessionExpiryInterval: 60 } } as const
const filter = (topic: string) => ({ topic, qos: 1, nl: false, rap: false, rh: 0 }) as const

function codeOf({ reasonCode, returnCode }: IConnackPacket): number | undefined {
  return reasonCode ?? returnCode
}

describe('what is not available', () => {
  test('is said in CONNACK of MQTT 5', async () => {
    const client = await RawClient.open(narrow.port)
    const { properties } = await client.connack({ properties: { sessionExpiryInterval: 500 } })
    assert.deepEqual(
      { ...properties },
      {
        sessionExpiryInterval: 100,
        receiveMaximum: 100,
        maximumQoS: 1,
        retainAvailable: false,
        maximumPacketSize: 2 ** 20,
        topicAliasMaximum: 32,
        wildcardSubscriptionAvailable: false,
        subscriptionIdentifiersAvailable: false,
        sharedSubscriptionAvailable: false,
        serverKeepAlive: 60,
      },
    )
  })

  for (const [what, topic, subscriptionIdentifier, code] of [
    ['a wildcard', 'a/#', undefined, 0xa2],
    ['a share name', '$share/s/a', undefined, 0x9e],
    ['a subscription identifier', 'a', 7, 0xa1],
  ] as const) {
    test(`of subscriptions, ${what}, ends who asks for it with its code`, async () => {
      const client = await RawClient.connect(narrow.port)
      client.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [filter('b'), filter(topic)],
        properties: subscriptionIdentifier === undefined ? {} : { subscriptionIdentifier },
      })
      assert.equal(await client.disconnected(), code)
    })
  }

  for (const version of [3, 4] as const) {
    test(`has such a filter alone refused to a client of version ${version}`, async () => {
      const client = await RawClient.connect(narrow.port, version, { keepalive: 30 })
      const codes = await client.subscribe(filter('b'), filter('a/+'), filter('$share/s/a'))
      assert.deepEqual(codes, [1, 0x80, 0x80])
    })
  }

  for (const [what, field, code] of [
    ['a QoS above the highest', { qos: 2, messageId: 1 }, 0x9b],
    ['a retained message', { retain: true }, 0x9a],
  ] as const) {
    test(`of publishing, ${what}, ends who asks for it with its code`, async () => {
      const client = await RawClient.connect(narrow.port)
      client.publish({ topic: 'a', ...field })
      assert.equal(await client.disconnected(), code)
    })
  }

  test('subscriptions are granted no higher QoS', async () => {
    const client = await RawClient.connect(narrow.port)
    assert.deepEqual(await client.subscribe({ ...filter('a'), qos: 2 }), [1])
  })
})

describe('a payload above messageSizeLimit', () => {
  test('is refused to MQTT 5, and reaches nobody', async () => {
    const client = await RawClient.connect(narrow.port)
    await client.subscribe(filter('large'))
    client.publish({ topic: 'large', qos: 1, messageId: 1, payload: 'fives' })
    client.publish({ topic: 'large', payload: 'fives' })
    assert.equal((await client.expect('puback')).reasonCode, 0x97)
    client.publish({ topic: 'large', payload: 'four' })
    assert.equal((await client.expect('publish')).payload.toString(), 'four')
  })

  test('is acknowledged and dropped before it', async () => {
    const client = await RawClient.connect(narrow.port, 4, { keepalive: 30 })
    await client.subscribe(filter('large'))
    client.publish({ topic: 'large', qos: 1, messageId: 1, payload: 'fives' })
    await client.expect('puback')
    await client.silence()
  })

  for (const [version, code] of [
    [4, 5],
    [5, 0x95],
  ] as const) {
    test(`of a will refuses the CONNECT of version ${version}`, async () => {
      const client = await RawClient.open(narrow.port, version)
      const will = { topic: 'w', payload: Buffer.from('fives'), qos: 0, retain: false } as const
      assert.equal(codeOf(await client.connack({ will, keepalive: 30 })), code)
    })
  }
})

describe('a listener’s own settings', () => {
  test('hold for its clients in place of those for all', async () => {
    const client = await RawClient.open(portOf('modern'))
    const { properties } = await client.connack({ clientId: '', keepalive: 120 })
    assert.deepEqual(
      [properties?.receiveMaximum, properties?.maximumQoS, properties?.serverKeepAlive],
      [20, 0, 60],
    )
    assert.deepEqual([properties?.topicAliasMaximum, properties?.maximumPacketSize], [1, 100])
    assert.match(properties?.assignedClientIdentifier ?? '', /^modern-/)
    assert.deepEqual(await client.subscribe(filter('a')), [0])
    client.publish({ topic: 'a', payload: 'x'.repeat(100) })
    assert.equal(await client.disconnected(), 0x95)
  })

  for (const [listener, version, code] of [
    ['modern', 3, 1],
    ['modern', 4, 1],
    ['old', 5, 0x84],
  ] as const) {
    test(`[MQTT-3.1.2-2] ${listener} speaks no version ${version}`, async () => {
      const client = await RawClient.open(portOf(listener), version)
      assert.equal(codeOf(await client.connack()), code)
      assert.deepEqual(await client.end(), [])
    })
  }

  for (const [what, options] of [
    ['too long a keep alive', { keepalive: 101 }],
    ['no keep alive at all', { keepalive: 0 }],
    ['no client identifier', { keepalive: 10, clientId: '' }],
  ] as const) {
    test(`refuse a client of MQTT 3.1.1 with ${what}`, async () => {
      const client = await RawClient.open(portOf('old'), 4)
      assert.equal((await client.connack(options)).returnCode, 2)
    })
  }
})

describe('how messages leave', () => {
  test('upgradeOutgoingQos: with the QoS of the subscription', async () => {
    const client = await RawClient.connect(roomy.port)
    client.publish({ topic: 'kept', payload: 'r', retain: true })
    await client.subscribe({ ...filter('kept'), qos: 1 }, { ...filter('live'), qos: 2 })
    assert.equal((await client.expect('publish')).qos, 1)
    client.publish({ topic: 'live' })
    assert.equal((await client.expect('publish')).qos, 2)
  })

  test('queueQos0Messages, maxQueuedMessages: QoS 0 waits for who is away, as far as there is room', async () => {
    const away = await RawClient.connect(roomy.port, 5, { ...KEPT, clientId: 'away' })
    await away.subscribe({ ...filter('news'), qos: 0 })
    away.send({ cmd: 'disconnect' })
    await away.end()
    const publisher = await RawClient.connect(roomy.port)
    for (const payload of ['1', '2', '3', '4']) publisher.publish({ topic: 'news', payload })
    await publisher.silence()
    const back = await RawClient.connect(roomy.port, 5, { ...KEPT, clientId: 'away' })
    for (const payload of ['1', '2', '3']) {
      const { qos, payload: received } = await back.expect('publish')
      assert.deepEqual([qos, received.toString()], [0, payload])
    }
    await back.silence()
  })

  test('maxInflightBytes: the next payload waits until there is room, a large one goes alone', async () => {
    const client = await RawClient.connect(roomy.port)
    await client.subscribe(filter('bytes'))
    for (const payload of ['eightone', 'eighttwo', 'x'.repeat(100)])
      client.publish({ topic: 'bytes', payload })
    const first = await client.expect('publish')
    await client.expect('publish')
    await client.silence()
    client.send({ cmd: 'puback', messageId: first.messageId ?? 0 })
    assert.equal((await client.expect('publish')).payload.length, 100)
  })
})

test('globalMaxConnections counts all listeners, and globalMaxClients all tenants', async () => {
  const ours = await RawClient.connect(crowded.port, 5, { ...KEPT, clientId: 'ours' })
  const theirs = await RawClient.connect(crowded.port, 5, { ...KEPT, clientId: 'theirs', username: 'acme:x' })
  for (const { port } of crowded.broker.listeners) {
    const refused = await RawClient.open(port)
    assert.deepEqual(await refused.end(), [])
  }
  // who comes back at once finds its place, whatever is seen first
  for (const client of [ours, theirs]) client.socket.destroy()
  const again = await RawClient.connect(crowded.port, 5, { ...KEPT, clientId: 'ours' })
  again.send({ cmd: 'disconnect' })
  await again.end()
  const third = await RawClient.connect(crowded.port, 5, { ...KEPT, clientId: 'third' })
  const fourth = await RawClient.open(crowded.port)
  assert.equal((await fourth.connack({ clientId: 'fourth' })).reasonCode, 0x89)
  // a session that ends makes room
  third.send({ cmd: 'disconnect', properties: { sessionExpiryInterval: 0 } })
  await third.end()
  await RawClient.connect(crowded.port, 5, { clientId: 'fifth' })
})
