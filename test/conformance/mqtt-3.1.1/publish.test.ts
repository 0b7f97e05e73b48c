import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { startBroker } from '../../support/broker.ts'
import {
  byte,
  closedOnceConnected,
  First,
  onEachLevel,
  packet,
  text,
  uint16,
} from '../../support/hand-written.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })
const denying = await startBroker({ anonymous: true, topicDefault: 'deny' })
const closing = await startBroker({
  anonymous: true,
  topicDefault: 'deny',
  mqtt: { onRefusedPublish: 'close' },
})

/** Subscribes with QoS 2. */
async function subscriberOf(level: 3 | 4, ...topics: readonly string[]): Promise<RawClient> {
  const subscriber = await RawClient.connect(port, level)
  for (const topic of topics) await subscriber.subscribe({ topic, qos: 2 })
  return subscriber
}

onEachLevel(
  '[MQTT-3.3.1-1] what is sent again says so with DUP, PUBLISH of QoS 1 and of QoS 2',
  async (level) => {
    const topic = `dup/${level}`
    const kept = { clientId: `dup-${level}`, clean: false }
    const publisher = await RawClient.connect(port, level)
    for (const qos of [1, 2] as const) {
      const first = await RawClient.connect(port, level, kept)
      await first.subscribe({ topic, qos })
      publisher.publish({ topic, qos, messageId: qos })
      assert.equal((await first.expect('publish')).dup, false)
      first.socket.destroy()
      const second = await RawClient.connect(port, level, kept)
      const { dup, messageId = 0 } = await second.expect('publish')
      assert.equal(dup, true)
      second.send({ cmd: qos === 1 ? 'puback' : 'pubrec', messageId })
      second.send({ cmd: 'disconnect' })
      await second.end()
    }
  },
)

onEachLevel('[MQTT-3.3.1-2] DUP with QoS 0 closes the connection', async (level) => {
  await closedOnceConnected(port, level, packet(First.publish | 0b1000, text('t')))
  await closedOnceConnected(port, level, packet(First.publish | 0b1001, text('t')))
})

onEachLevel(
  '[MQTT-3.3.1-2] [MQTT-4.3.1-1] a delivery of QoS 0 has no DUP, whatever it was published with',
  async (level) => {
    const topic = `dup-0/${level}`
    const client = await RawClient.connect(port, level)
    await client.subscribe({ topic, qos: 0 })
    const publisher = await RawClient.connect(port, level)
    for (const qos of [0, 1, 2] as const) {
      publisher.publish({ topic, qos, messageId: 1 + qos, dup: qos > 0 })
      const { dup, qos: delivered } = await client.expect('publish')
      assert.deepEqual([dup, delivered], [false, 0])
    }
  },
)

onEachLevel("[MQTT-3.3.1-3] a publisher's DUP is not passed on", async (level) => {
  const topic = `dup-on/${level}`
  const subscriber = await subscriberOf(level, topic)
  const publisher = await RawClient.connect(port, level)
  for (const qos of [1, 2] as const) {
    publisher.publish({ topic, qos, messageId: qos, dup: true })
    assert.equal((await subscriber.expect('publish')).dup, false)
  }
})

onEachLevel('[MQTT-3.3.1-4] QoS 3 closes the connection', async (level) => {
  for (const flags of [0b0110, 0b0111, 0b1110, 0b1111]) {
    await closedOnceConnected(port, level, packet(First.publish | flags, text('t'), uint16(1)))
    await closedOnceConnected(port, level, packet(First.publish | flags, text('t')))
  }
})

onEachLevel('[MQTT-3.3.2-1] the topic name is there and whole, at the beginning', async (level) => {
  const lacking = [Buffer.of(), byte(0), uint16(1), Buffer.concat([uint16(5), Buffer.from('four')])]
  for (const bytes of lacking) await closedOnceConnected(port, level, packet(First.publish, bytes))
  for (const bytes of [Buffer.of(0xff), Buffer.of(0xed, 0xa0, 0x80), Buffer.from('a\0')]) {
    await closedOnceConnected(port, level, packet(First.publish, text(bytes)))
  }
})

onEachLevel('[MQTT-3.3.2-2] a topic name with a wildcard closes the connection', async (level) => {
  for (const topic of ['#', '+', 'a/#', 'a/+', '+/b', 'a+', 'a#b', '$SYS/#']) {
    for (const flags of [0, 1]) {
      await closedOnceConnected(port, level, packet(First.publish | flags, text(topic)))
    }
    await closedOnceConnected(port, level, packet(First.publish | 0b010, text(topic), uint16(1)))
  }
})

onEachLevel(
  '[MQTT-3.3.2-3] a subscriber gets the topic published to, which matches its filter',
  async (level) => {
    const base = `matching-${level}`
    const subscriber = await subscriberOf(level, `${base}/+/x`)
    const publisher = await RawClient.connect(port, level)
    for (const last of ['a/x', 'a/y', 'a', 'x', 'a/b/x', '/x', 'A/X']) {
      publisher.publish({ topic: `${base}/${last}` })
    }
    await publisher.silence()
    const topics = [await subscriber.expect('publish'), await subscriber.expect('publish')]
    assert.deepEqual(
      topics.map(({ topic }) => topic),
      [`${base}/a/x`, `${base}//x`],
    )
    await subscriber.silence()
  },
)

onEachLevel('[MQTT-3.3.4-1] QoS 0 has no answer, QoS 1 PUBACK, QoS 2 PUBREC', async (level) => {
  const client = await RawClient.connect(port, level)
  client.publish({ topic: 'answers' })
  await client.silence()
  client.publish({ topic: 'answers', qos: 1, messageId: 11 })
  assert.equal((await client.expect('puback')).messageId, 11)
  client.publish({ topic: 'answers', qos: 2, messageId: 12 })
  assert.equal((await client.expect('pubrec')).messageId, 12)
  await client.silence()
})

onEachLevel('[MQTT-3.3.5-1] of subscriptions that overlap the highest QoS counts', async (level) => {
  const base = `overlap-${level}`
  const client = await RawClient.connect(port, level)
  await client.subscribe({ topic: `${base}/#`, qos: 0 })
  await client.subscribe({ topic: `${base}/+`, qos: 2 })
  await client.subscribe({ topic: `${base}/a`, qos: 1 })
  const publisher = await RawClient.connect(port, level)
  for (const qos of [0, 1, 2] as const) {
    publisher.publish({ topic: `${base}/a`, qos, messageId: 1 + qos })
    assert.equal((await client.expect('publish')).qos, qos)
    // one copy for all of them
    await client.silence()
  }
})

onEachLevel(
  '[MQTT-3.3.5-2] a publish that is not authorized is acknowledged, and goes nowhere',
  async (level) => {
    const client = await RawClient.connect(denying.port, level)
    client.publish({ topic: 'forbidden' })
    await client.silence()
    client.publish({ topic: 'forbidden', qos: 1, messageId: 1 })
    assert.equal((await client.expect('puback')).messageId, 1)
    client.publish({ topic: 'forbidden', qos: 2, messageId: 2 })
    assert.equal((await client.expect('pubrec')).messageId, 2)
    client.send({ cmd: 'pubrel', messageId: 2 })
    assert.equal((await client.expect('pubcomp')).messageId, 2)
  },
)

onEachLevel('[MQTT-3.3.5-2] or it closes the connection, where the operator wants it so', async (level) => {
  for (const qos of [0, 1, 2] as const) {
    const client = await RawClient.connect(closing.port, level)
    client.publish({ topic: 'forbidden', qos, messageId: 1 })
    assert.deepEqual(await client.end(), [])
  }
})
