import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connect, type IConnackPacket } from 'mqtt'
import { startBroker } from '../support/broker.ts'
import { closed, connectClient, connectWithInbox, disconnectReason, Inbox } from '../support/mqttjs.ts'

// MQTT.js on the other side of every wire: our codec never judges itself

const at = await startBroker({ anonymous: true })

const ascending = (a: unknown, b: unknown): number => Number(a) - Number(b)

const VERSIONS = [3, 4, 5] as const
const protocol = (version: 3 | 4 | 5) =>
  version === 3
    ? ({ protocolVersion: 3, protocolId: 'MQIsdp' } as const)
    : ({ protocolVersion: version } as const)

for (const transport of ['tcp', 'websocket'] as const) {
  describe(`over ${transport}`, { timeout: 30_000 }, () => {
    const url = transport === 'tcp' ? at.url : at.webUrl
    for (const version of VERSIONS) {
      for (const qos of [0, 1, 2] as const) {
        test(`[MQTT-4.6.0-6] version ${version}, QoS ${qos}: messages arrive once and in order`, async () => {
          const topic = `order/${transport}/${version}/${qos}`
          const subscriber = await connectClient(url, protocol(version))
          const inbox = new Inbox(subscriber)
          await subscriber.subscribeAsync(topic, { qos })
          const publisher = await connectClient(url, protocol(version))
          const sent = Array.from({ length: 200 }, (_, i) => `${i}`)
          // MQTT.js does not keep to the receive maximum by itself: half of it at a time
          for (let i = 0; i < sent.length; i += 50) {
            await Promise.all(
              sent.slice(i, i + 50).map((payload) => publisher.publishAsync(topic, payload, { qos })),
            )
          }
          const got = await inbox.take(sent.length)
          assert.deepEqual(
            got.map(({ payload }) => payload),
            sent,
          )
          assert.ok(got.every((message) => message.qos === qos && !message.retain))
        })
      }
    }
  })
}

describe('subscriptions', { timeout: 30_000 }, () => {
  test('[MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.2-1] wildcards match levels, and not $-topics', async () => {
    const client = await connectClient(at.url)
    const inbox = new Inbox(client)
    await client.subscribeAsync(['w/+/c', 'w/#'])
    for (const topic of ['w/b/c', 'w', 'w/b/c/d', '$w/b']) await client.publishAsync(topic, topic, { qos: 1 })
    const got = await inbox.take(3)
    assert.deepEqual(
      got.map(({ topic }) => topic),
      ['w/b/c', 'w', 'w/b/c/d'],
    )
  })

  test('[MQTT-3.10.4-2] after UNSUBACK nothing comes', async () => {
    const client = await connectClient(at.url)
    const inbox = new Inbox(client)
    await client.subscribeAsync(['u/a', 'u/b'])
    await client.unsubscribeAsync('u/a')
    await client.publishAsync('u/a', 'no', { qos: 1 })
    await client.publishAsync('u/b', 'yes', { qos: 1 })
    assert.deepEqual(
      (await inbox.take(1)).map(({ payload }) => payload),
      ['yes'],
    )
  })

  test('[MQTT-3.3.4-2] [MQTT-3.3.4-3] overlapping subscriptions bring one copy with all identifiers', async () => {
    const client = await connectClient(at.url, { protocolVersion: 5 })
    const inbox = new Inbox(client)
    await client.subscribeAsync('o/#', { qos: 0, properties: { subscriptionIdentifier: 7 } })
    await client.subscribeAsync('o/+', { qos: 2, properties: { subscriptionIdentifier: 9 } })
    await client.publishAsync('o/x', '1', { qos: 2 })
    await client.publishAsync('o/end', '2', { qos: 2 })
    const [first] = await inbox.take(2)
    assert.equal(first?.qos, 2)
    assert.deepEqual([first?.packet.properties?.subscriptionIdentifier].flat().sort(ascending), [7, 9])
    assert.equal(inbox.messages.length, 2)
  })

  test('[MQTT-3.8.3-3] no local: nobody gets its own message', async () => {
    const client = await connectClient(at.url, { protocolVersion: 5 })
    const inbox = new Inbox(client)
    await client.subscribeAsync('nl', { qos: 1, nl: true })
    await client.publishAsync('nl', 'mine', { qos: 1 })
    const other = await connectClient(at.url)
    await other.publishAsync('nl', 'theirs', { qos: 1 })
    assert.deepEqual(
      (await inbox.take(1)).map(({ payload }) => payload),
      ['theirs'],
    )
  })

  test('[MQTT 5.0, 4.8.2] a shared subscription gives each message to one member', async () => {
    const members = await Promise.all([1, 2].map(() => connectClient(at.url, { protocolVersion: 5 })))
    const inboxes = members.map((member) => new Inbox(member))
    for (const member of members) await member.subscribeAsync('$share/g/sh', { qos: 1 })
    const publisher = await connectClient(at.url)
    for (let i = 0; i < 20; i++) await publisher.publishAsync('sh', `${i}`, { qos: 1 })
    await Promise.all(inboxes.map((inbox) => inbox.take(10)))
    const all = inboxes.flatMap((inbox) => inbox.messages.map(({ payload }) => Number(payload)))
    assert.deepEqual(
      all.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i),
    )
  })
})

describe('retained messages and wills', { timeout: 30_000 }, () => {
  test('[MQTT-3.3.1-5] [MQTT-3.3.1-6] the last retained message is kept; an empty one removes it', async () => {
    const client = await connectClient(at.url)
    await client.publishAsync('r/a', 'old', { retain: true, qos: 1 })
    await client.publishAsync('r/a', 'new', { retain: true, qos: 1 })
    await client.publishAsync('r/b', 'gone', { retain: true, qos: 1 })
    await client.publishAsync('r/b', '', { retain: true, qos: 1 })
    const late = await connectClient(at.url)
    const inbox = new Inbox(late)
    await late.subscribeAsync('r/#', { qos: 1 })
    await client.publishAsync('r/end', 'live', { qos: 1 })
    const got = await inbox.take(2)
    assert.deepEqual(
      got.map(({ payload, retain }) => [payload, retain]),
      [
        ['new', true],
        ['live', false],
      ],
    )
  })

  test('[MQTT-3.1.2-8] a connection that ends without DISCONNECT brings out its will', async () => {
    const watcher = await connectClient(at.url)
    const inbox = new Inbox(watcher)
    await watcher.subscribeAsync('will/#', { qos: 1 })
    const dying = await connectClient(at.url, {
      will: { topic: 'will/a', payload: Buffer.from('dead'), qos: 1, retain: false },
    })
    dying.stream.destroy()
    assert.deepEqual(
      (await inbox.take(1)).map(({ topic, payload }) => [topic, payload]),
      [['will/a', 'dead']],
    )
    const leaving = await connectClient(at.url, {
      will: { topic: 'will/b', payload: Buffer.from('no'), qos: 1, retain: false },
    })
    await leaving.endAsync()
    await watcher.publishAsync('will/end', 'end', { qos: 1 })
    assert.equal(
      (await inbox.take(2))[1]?.topic,
      'will/end',
      'a proper DISCONNECT removes the will [MQTT-3.14.4-3]',
    )
  })

  test('[MQTT-3.1.2-22] a client that is silent for 1.5 times its keep alive is dropped as by a network failure', async () => {
    const watcher = await connectClient(at.url)
    const inbox = new Inbox(watcher)
    await watcher.subscribeAsync('silent', { qos: 1 })
    const silent = await connectClient(at.url, {
      keepalive: 1,
      reschedulePings: false,
      will: { topic: 'silent', payload: Buffer.from('gone'), qos: 1, retain: false },
    })
    // the process that holds the client sleeps, as far as the broker can see
    silent.sendPing = () => undefined
    assert.equal((await inbox.take(1))[0]?.payload, 'gone')
  })
})

describe('sessions', { timeout: 30_000 }, () => {
  const persistent = { clean: false, protocolVersion: 5, properties: { sessionExpiryInterval: 600 } } as const

  test('[MQTT-3.1.2-5] [MQTT-3.2.2-2] a session that is kept gets what came while its client was away, in order', async () => {
    const options = { ...persistent, clientId: 'away' }
    const first = await connectClient(at.url, options)
    await first.subscribeAsync('s/#', { qos: 2 })
    await first.endAsync()
    const publisher = await connectClient(at.url)
    for (let i = 0; i < 50; i++) await publisher.publishAsync('s/1', `${i}`, { qos: 1 })
    for (let i = 50; i < 100; i++) await publisher.publishAsync('s/2', `${i}`, { qos: 2 })
    await publisher.publishAsync('s/x', 'QoS 0 is not kept', { qos: 0 })
    const { inbox } = await connectWithInbox(at.url, options)
    const got = await inbox.take(100)
    assert.deepEqual(
      got.map(({ payload }) => payload),
      Array.from({ length: 100 }, (_, i) => `${i}`),
    )
  })

  test('[MQTT-3.1.2-4] a clean start forgets the session', async () => {
    const options = { ...persistent, clientId: 'forgetful' }
    const first = await connectClient(at.url, options)
    await first.subscribeAsync('f/#', { qos: 1 })
    await first.endAsync()
    const clean = await connectClient(at.url, { ...options, clean: true })
    const inbox = new Inbox(clean)
    await clean.publishAsync('f/x', 'no', { qos: 1 })
    await clean.subscribeAsync('g', { qos: 1 })
    await clean.publishAsync('g', 'yes', { qos: 1 })
    assert.deepEqual(
      (await inbox.take(1)).map(({ payload }) => payload),
      ['yes'],
    )
  })

  test('[MQTT-3.1.4-3] whoever comes last has the client identifier; the other is told 0x8E', async () => {
    const first = await connectClient(at.url, { clientId: 'twin', protocolVersion: 5 })
    const reason = disconnectReason(first)
    const second = await connectClient(at.url, { clientId: 'twin', protocolVersion: 5 })
    assert.equal(await reason, 0x8e)
    assert.ok(second.connected)
  })

  test('[MQTT-3.1.3-6] [MQTT-3.1.3-7] an empty client identifier is replaced by one that nobody has', async () => {
    const assigned = await Promise.all(
      [1, 2].map(async () => {
        const client = connect(at.url, { clientId: '', protocolVersion: 5, reconnectPeriod: 0 })
        const connack = await new Promise<IConnackPacket>((resolve) => client.once('connect', resolve))
        await client.endAsync()
        return connack.properties?.assignedClientIdentifier
      }),
    )
    assert.ok(assigned[0])
    assert.notEqual(assigned[0], assigned[1])
  })
})

test('a stopping broker tells MQTT 5 clients 0x8B', { timeout: 30_000 }, async () => {
  const own = await startBroker({ anonymous: true })
  const client = await connectClient(own.url, { protocolVersion: 5 })
  const reason = disconnectReason(client)
  const gone = closed(client)
  await own.broker.stop()
  assert.equal(await reason, 0x8b)
  await gone
})
