import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generate, type Packet } from 'mqtt-packet'
import { startBroker } from '../../support/broker.ts'
import { connectPacket, RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

/** A session that waits for its client for so many seconds. */
function kept(clientId: string, sessionExpiryInterval = 60) {
  return { clientId, clean: false, properties: { sessionExpiryInterval } } as const
}

async function listener(topic: string): Promise<RawClient> {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic, qos: 0 })
  return client
}

/** A message that the broker has taken. */
async function publish(topic: string, payload: string): Promise<void> {
  const publisher = await RawClient.connect(port)
  publisher.publish({ topic, payload, qos: 1, messageId: 1 })
  await publisher.expect('puback')
  publisher.socket.destroy()
}

/** Whether the client finds its session again. */
async function isPresent(clientId: string): Promise<boolean> {
  const client = await RawClient.open(port)
  const { sessionPresent } = await client.connack(kept(clientId))
  client.socket.destroy()
  return sessionPresent
}

describe('the state of a session', { concurrency: true }, () => {
  test('[MQTT-4.1.0-1] [MQTT-4.1.0-2] ends when it has expired without its client, and not before', async () => {
    const before = await RawClient.connect(port, 5, kept('stays', 1))
    await before.subscribe({ topic: 'state/a', qos: 1 })
    // its interval has begun when this one takes the session over
    const connected = await RawClient.connect(port, 5, kept('stays', 1))
    await publish('state/a', 'unanswered')
    const { messageId } = await connected.expect('publish')
    // a will whose delay is longer than its session goes out with it
    const heard = await listener('state/gone')
    const will = {
      topic: 'state/gone',
      payload: Buffer.from('gone'),
      qos: 0,
      retain: false,
      properties: { willDelayInterval: 60 },
    } as const
    const away = await RawClient.connect(port, 5, { ...kept('away', 1), will })
    await away.subscribe({ topic: 'state/b', qos: 1 })
    away.socket.destroy()
    await publish('state/b', 'lost')
    await heard.expect('publish')
    const back = await RawClient.open(port)
    assert.equal((await back.connack(kept('away'))).sessionPresent, false)
    await publish('state/b', 'lost')
    await back.silence()
    // who is connected all the while has lost nothing, though its interval has passed as well
    await publish('state/a', 'more')
    assert.equal((await connected.expect('publish')).payload.toString(), 'more')
    const again = await RawClient.open(port)
    assert.equal((await again.connack(kept('stays', 1))).sessionPresent, true)
    assert.equal((await again.expect('publish')).messageId, messageId)
  })

  test('[MQTT-4.1.0-2] with an interval of 0, or none, it ends with its connection', async () => {
    for (const [clientId, properties] of [
      ['none', {}],
      ['zero', { sessionExpiryInterval: 0 }],
    ] as const) {
      const client = await RawClient.connect(port, 5, { clientId, clean: false, properties })
      await client.subscribe({ topic: 'state/c', qos: 1 })
      client.send({ cmd: 'disconnect' })
      await client.end()
      assert.equal(await isPresent(clientId), false)
    }
  })

  test('[MQTT-4.1.0-2] the interval of DISCONNECT counts, not that of CONNECT', async () => {
    for (const [clientId, sessionExpiryInterval, expected] of [
      ['shortened', 0, false],
      ['changed', 30, true],
    ] as const) {
      const client = await RawClient.connect(port, 5, kept(clientId))
      client.send({ cmd: 'disconnect', properties: { sessionExpiryInterval } })
      await client.end()
      assert.equal(await isPresent(clientId), expected)
    }
  })

  test('[MQTT-4.1.0-1] is not lost to a refused takeover, nor to a packet that breaks the standard', async () => {
    const client = await RawClient.connect(port, 5, kept('broken'))
    await client.subscribe({ topic: 'state/d', qos: 1 })
    client.write(Buffer.from('c100', 'hex'))
    assert.equal(await client.disconnected(), 0x81)
    await publish('state/d', 'waits')
    const back = await RawClient.open(port)
    assert.equal((await back.connack(kept('broken'))).sessionPresent, true)
    assert.equal((await back.expect('publish')).payload.toString(), 'waits')
  })
})

describe('[MQTT-4.2-1] the stream of bytes is taken in its order and without loss', () => {
  const said = [
    connectPacket(5, { clientId: 'split' }),
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's', qos: 1 }] },
    { cmd: 'publish', topic: 's', payload: 'x', qos: 1, messageId: 2, dup: false, retain: false },
    { cmd: 'pingreq' },
  ] satisfies readonly Packet[]
  const bytes = Buffer.concat(said.map((packet) => generate(packet, { protocolVersion: 5 })))
  const answers = ['connack', 'suback', 'publish', 'puback', 'pingresp'] as const

  test('cut at every place', async () => {
    for (let at = 1; at < bytes.length; at += 1) {
      const client = await RawClient.open(port)
      client.write(bytes.subarray(0, at))
      await new Promise((resolve) => setImmediate(resolve))
      client.write(bytes.subarray(at))
      for (const cmd of answers) await client.expect(cmd)
      client.socket.destroy()
    }
  })

  test('a thousand messages of all sizes at once', async () => {
    const heard = await listener('order')
    const client = await RawClient.connect(port)
    const sizes = Array.from({ length: 1000 }, (_, place) => (place * 37) % 700)
    client.send(
      ...sizes.map((size, place): Packet => {
        const payload = Buffer.concat([Buffer.from(`${place} `), Buffer.alloc(size, place)])
        return { cmd: 'publish', topic: 'order', payload, qos: 0, dup: false, retain: false }
      }),
    )
    for (const [place, size] of sizes.entries()) {
      const { payload } = await heard.expect('publish')
      const [number = ''] = payload.toString('latin1').split(' ', 1)
      assert.deepEqual([Number(number), payload.length - number.length - 1], [place, size])
    }
  })
})

describe('a message', () => {
  test('[MQTT-4.5.0-1] becomes part of the state of every session that asked for it, connected or not', async () => {
    const clients = await Promise.all(
      ['own/1', 'own/+', 'own/#', '#', '+/1'].map(async (topic) => {
        const options = kept(`asks for ${topic}`)
        const client = await RawClient.connect(port, 5, options)
        await client.subscribe({ topic, qos: 2 })
        return { client, options }
      }),
    )
    const [, ...leaving] = clients
    for (const { client } of leaving) {
      client.send({ cmd: 'disconnect' })
      await client.end()
    }
    const bystander = await RawClient.connect(port, 5, kept('asks for others'))
    await bystander.subscribe({ topic: 'own/2', qos: 2 })
    const publisher = await RawClient.connect(port)
    for (const qos of [1, 2] as const) {
      publisher.publish({ topic: 'own/1', payload: `${qos}`, qos, messageId: qos })
      await publisher.expect('puback', 'pubrec')
    }
    for (const { client, options } of clients) {
      const back = client.socket.destroyed ? await RawClient.connect(port, 5, options) : client
      for (const qos of [1, 2] as const) {
        const packet = await back.expect('publish')
        assert.deepEqual([packet.payload.toString(), packet.qos], [`${qos}`, qos])
      }
      back.send({ cmd: 'disconnect', properties: { sessionExpiryInterval: 0 } })
      await back.end()
    }
    await bystander.silence()
  })

  test('[MQTT-4.5.0-2] that its client does not acknowledge stays under way, and is not taken for read', async () => {
    const options = { ...kept('silent'), properties: { sessionExpiryInterval: 60, receiveMaximum: 2 } }
    const client = await RawClient.connect(port, 5, options)
    await client.subscribe({ topic: 'unread', qos: 2 })
    for (const payload of ['1', '2', '3']) await publish('unread', payload)
    const first = await client.expect('publish')
    const second = await client.expect('publish')
    await client.silence()
    client.socket.destroy()
    const back = await RawClient.connect(port, 5, options)
    for (const { messageId } of [first, second]) {
      const again = await back.expect('publish')
      assert.deepEqual([again.dup, again.messageId], [true, messageId])
    }
    await back.silence()
    back.send({ cmd: 'puback', messageId: first.messageId ?? 0 })
    assert.equal((await back.expect('publish')).payload.toString(), '3')
  })
})
