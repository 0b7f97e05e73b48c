import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { startBroker } from '../../support/broker.ts'
import {
  byte,
  closedOnceConnected,
  First,
  onEachLevel,
  packet,
  payloadsOf,
  text,
  uint16,
  wrongFirstBytes,
} from '../../support/hand-written.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })
const denying = await startBroker({ anonymous: true, topicDefault: 'deny' })

const ID = uint16(0x0102)
const ILL_FORMED = [Buffer.of(0xff), Buffer.of(0xed, 0xa0, 0x80), Buffer.of(0xc0, 0x80), Buffer.from('a\0b')]

/** Sends these bytes and returns the bytes that come back. */
async function answerTo(client: RawClient, bytes: Buffer): Promise<Buffer> {
  client.write(bytes)
  const [answer] = (await once(client.socket, 'data')) as [Buffer]
  return answer
}

async function unsubscribe(client: RawClient, ...unsubscriptions: string[]): Promise<void> {
  client.send({ cmd: 'unsubscribe', messageId: 0x0102, unsubscriptions })
  assert.equal((await client.expect('unsuback')).messageId, 0x0102)
}

onEachLevel('[MQTT-3.8.1-1] with other flags than 0010 it closes the connection', async (level) => {
  for (const wrong of wrongFirstBytes(level, First.subscribe)) {
    await closedOnceConnected(port, level, packet(wrong, ID, text('t'), byte(0)))
  }
})

onEachLevel('[MQTT-3.8.3-1] its filters are UTF-8, the first one and the last', async (level) => {
  for (const bytes of ILL_FORMED) {
    const good = [text('good'), byte(0)]
    const bad = [text(bytes), byte(0)]
    await closedOnceConnected(port, level, packet(First.subscribe, ID, ...bad, ...good))
    await closedOnceConnected(port, level, packet(First.subscribe, ID, ...good, ...bad))
  }
})

onEachLevel('[MQTT-3.8.3-2] filters may have wildcards', async (level) => {
  const client = await RawClient.connect(port, level)
  const filters = ['#', '+', 'a/#', 'a/+', '+/+', '+/#', 'a/+/c', '/+', '/#']
  const granted = await client.subscribe(...filters.map((topic) => ({ topic, qos: 0 as const })))
  assert.deepEqual(granted, Array(filters.length).fill(0))
  client.publish({ topic: 'a/b' })
  assert.equal((await client.expect('publish')).topic, 'a/b')
})

onEachLevel('[MQTT-3.8.3-3] without a filter it closes the connection', async (level) => {
  await closedOnceConnected(port, level, packet(First.subscribe, ID))
})

onEachLevel('[MQTT-3.8.3-3] cut short anywhere it closes the connection', async (level) => {
  const body = Buffer.concat([ID, text('ab'), byte(0), text('cd'), byte(0)])
  const whole = [body.length, 2 + 5]
  for (let size = 0; size < body.length; size += 1) {
    if (whole.includes(size)) continue
    await closedOnceConnected(port, level, packet(First.subscribe, body.subarray(0, size)))
  }
})

onEachLevel('[MQTT-3.8.3-4] any reserved bit, and QoS 3, close the connection', async (level) => {
  for (const options of [0x03, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x84, 0xfc, 0xff]) {
    const bad = [text('bad'), byte(options)]
    await closedOnceConnected(port, level, packet(First.subscribe, ID, ...bad))
    await closedOnceConnected(port, level, packet(First.subscribe, ID, text('good'), byte(1), ...bad))
  }
})

onEachLevel('[MQTT-3.8.4-1] it is answered with SUBACK', async (level) => {
  const client = await RawClient.connect(port, level)
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 't', qos: 1 }] })
  assert.deepEqual((await client.expect('suback')).granted, [1])
  await client.silence()
})

onEachLevel('[MQTT-3.8.4-2] SUBACK has its identifier', async (level) => {
  const client = await RawClient.connect(port, level)
  for (const id of [uint16(1), uint16(0xff00), uint16(0xffff)]) {
    const suback = await answerTo(client, packet(First.subscribe, id, text('t'), byte(0)))
    assert.deepEqual(suback, packet(0x90, id, byte(0)))
  }
})

onEachLevel(
  '[MQTT-3.8.4-3] the same filter replaces the subscription, and brings what is retained again',
  async (level) => {
    const topic = `same/${level}`
    const client = await RawClient.connect(port, level)
    client.publish({ topic, payload: 'kept', qos: 2, messageId: 1, retain: true })
    await client.expect('pubrec')
    for (const qos of [0, 1, 2, 1] as const) {
      assert.deepEqual(await client.subscribe({ topic, qos }), [qos])
      const publish = await client.expect('publish')
      assert.deepEqual([publish.retain, publish.qos], [true, qos])
    }
    // one subscription it is, of the QoS asked for last
    const publisher = await RawClient.connect(port, level)
    publisher.publish({ topic, qos: 2, messageId: 1 })
    assert.equal((await client.expect('publish')).qos, 1)
    await client.silence()
    await publisher.expect('pubrec')
    publisher.publish({ topic, retain: true })
    await publisher.silence()
  },
)

onEachLevel('[MQTT-3.8.4-3] what is on its way meanwhile is not lost', async (level) => {
  const topic = `flow/${level}`
  const client = await RawClient.connect(port, level)
  const subscription = { topic, qos: 1 } as const
  await client.subscribe(subscription)
  const publisher = await RawClient.connect(port, level)
  const payloads = Array.from({ length: 30 }, (_, place) => `${place}`)
  for (const [place, payload] of payloads.entries()) {
    publisher.publish({ topic, payload, messageId: place + 1, qos: 1 })
    if (place % 10 === 5) client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [subscription] })
  }
  // they are on their way to the client before the publisher is answered
  for (let count = 0; count < payloads.length; count += 1) await publisher.expect('puback')
  client.send({ cmd: 'disconnect' })
  const got = await client.end()
  assert.equal(got.filter(({ cmd }) => cmd === 'suback').length, 3)
  const delivered = got.filter((each) => each.cmd === 'publish')
  assert.deepEqual(
    delivered.map(({ payload }) => String(payload)),
    payloads,
  )
})

onEachLevel(
  '[MQTT-3.8.4-4] many filters in one packet are as many packets, but for one SUBACK',
  async (level) => {
    const topic = `many/${level}`
    const client = await RawClient.connect(port, level)
    client.publish({ topic, payload: 'kept', retain: true })
    // the second of the same filter replaces the first, as it would in a packet of its own
    const granted = await client.subscribe(
      { topic, qos: 0 },
      { topic: `${topic}/other`, qos: 1 },
      { topic, qos: 2 },
    )
    assert.deepEqual(granted, [0, 1, 2])
    assert.deepEqual(await payloadsOf(client, 2), ['kept', 'kept'])
    client.publish({ topic, qos: 0, payload: 'live' })
    assert.deepEqual(await payloadsOf(client, 1), ['live'])
    await client.silence()
    client.publish({ topic, retain: true })
    await client.expect('publish')
  },
)

onEachLevel(
  '[MQTT-3.8.4-5] [MQTT-3.9.3-1] SUBACK has a code for each filter, in their order',
  async (level) => {
    const client = await RawClient.connect(port, level)
    const asked = [2, 0, 1, 1, 2, 0] as const
    const fields = asked.flatMap((qos, place) => [text(`order/${place}`), byte(qos)])
    const suback = await answerTo(client, packet(First.subscribe, ID, ...fields))
    assert.deepEqual(suback, packet(0x90, ID, Buffer.from(asked)))
  },
)

onEachLevel(
  '[MQTT-3.8.4-5] [MQTT-3.9.3-2] of a refused filter the code is 0x80, the others are granted',
  async (level) => {
    const client = await RawClient.connect(port, level)
    // the broker's own topics are not for everybody
    const fields = ['good', '$SYS/tenantless', 'too'].flatMap((filter) => [text(filter), byte(1)])
    const suback = await answerTo(client, packet(First.subscribe, ID, ...fields))
    assert.deepEqual(suback, packet(0x90, ID, Buffer.of(1, 0x80, 1)))
  },
)

onEachLevel('[MQTT-3.9.3-2] SUBACK has no code but 0, 1, 2 and 0x80', async (level) => {
  const forbidden = await RawClient.connect(denying.port, level)
  for (const qos of [0, 1, 2] as const) {
    assert.deepEqual(await forbidden.subscribe({ topic: 'a', qos }, { topic: '$SYS/x', qos }), [0x80, 0x80])
  }
  const client = await RawClient.connect(port, level)
  for (const qos of [0, 1, 2] as const) assert.deepEqual(await client.subscribe({ topic: 'a', qos }), [qos])
})

onEachLevel('[MQTT-3.8.4-6] messages come with the lower of the QoS granted and published', async (level) => {
  const publisher = await RawClient.connect(port, level)
  for (const granted of [0, 1, 2] as const) {
    const topic = `lower/${level}/${granted}`
    const client = await RawClient.connect(port, level)
    assert.deepEqual(await client.subscribe({ topic, qos: granted }), [granted])
    for (const qos of [0, 1, 2] as const) {
      publisher.publish({ topic, qos, messageId: 1 + 3 * granted + qos })
      const publish = await client.expect('publish')
      assert.equal(publish.qos, Math.min(granted, qos))
      assert.equal(publish.messageId === undefined, publish.qos === 0)
    }
  }
})

onEachLevel('[MQTT-3.10.1-1] with other flags than 0010 it closes the connection', async (level) => {
  for (const wrong of wrongFirstBytes(level, First.unsubscribe)) {
    await closedOnceConnected(port, level, packet(wrong, ID, text('t')))
  }
})

onEachLevel('[MQTT-3.10.3-1] its filters are UTF-8, the first one and the last', async (level) => {
  for (const bytes of ILL_FORMED) {
    await closedOnceConnected(port, level, packet(First.unsubscribe, ID, text(bytes), text('good')))
    await closedOnceConnected(port, level, packet(First.unsubscribe, ID, text('good'), text(bytes)))
  }
})

onEachLevel('[MQTT-3.10.3-2] without a filter, or cut short, it closes the connection', async (level) => {
  const body = Buffer.concat([ID, text('ab')])
  for (let size = 0; size < body.length; size += 1) {
    await closedOnceConnected(port, level, packet(First.unsubscribe, body.subarray(0, size)))
  }
})

onEachLevel('[MQTT-3.10.4-1] filters are compared character by character', async (level) => {
  const base = `compared/${level}`
  const client = await RawClient.connect(port, level)
  await client.subscribe({ topic: `${base}/+`, qos: 0 })
  for (const other of [`${base}/#`, `${base}/a`, base, `${base}/+/`, `${base.toUpperCase()}/+`, '#', '+']) {
    await unsubscribe(client, other)
  }
  const publisher = await RawClient.connect(port, level)
  publisher.publish({ topic: `${base}/a`, payload: 'subscribed still' })
  assert.deepEqual(await payloadsOf(client, 1), ['subscribed still'])
  await unsubscribe(client, `${base}/+`)
  publisher.publish({ topic: `${base}/a` })
  await publisher.silence()
  await client.silence()
})

onEachLevel('[MQTT-3.10.4-2] nothing new comes once it is answered', async (level) => {
  const topic = `stopped/${level}`
  const kept = { clientId: `stopped-${level}`, clean: false }
  const client = await RawClient.connect(port, level, kept)
  await client.subscribe({ topic, qos: 2 })
  await unsubscribe(client, topic)
  const publisher = await RawClient.connect(port, level)
  for (const qos of [0, 1, 2] as const) publisher.publish({ topic, qos, messageId: 1 + qos })
  await publisher.expect('puback')
  await publisher.expect('pubrec')
  await client.silence()
  client.socket.destroy()
  const back = await RawClient.connect(port, level, kept)
  await back.silence()
})

onEachLevel('[MQTT-3.10.4-3] what of QoS 1 and 2 is under way is brought to its end', async (level) => {
  const topic = `under-way/${level}`
  const kept = { clientId: `under-way-${level}`, clean: false }
  const publisher = await RawClient.connect(port, level)
  const first = await RawClient.connect(port, level, kept)
  await first.subscribe({ topic, qos: 2 })
  publisher.publish({ topic, payload: 'one', qos: 1, messageId: 1 })
  publisher.publish({ topic, payload: 'two', qos: 2, messageId: 2 })
  const one = await first.expect('publish')
  const two = await first.expect('publish')
  await unsubscribe(first, topic)
  first.send({ cmd: 'pubrec', messageId: two.messageId ?? 0 })
  assert.equal((await first.expect('pubrel')).messageId, two.messageId)
  first.socket.destroy()
  const back = await RawClient.connect(port, level, kept)
  assert.equal((await back.expect('pubrel')).messageId, two.messageId)
  const again = await back.expect('publish')
  assert.deepEqual([again.messageId, again.dup, String(again.payload)], [one.messageId, true, 'one'])
  await back.silence()
})

onEachLevel('[MQTT-3.10.4-4] UNSUBACK has its identifier, and nothing else', async (level) => {
  const client = await RawClient.connect(port, level)
  for (const id of [uint16(1), uint16(0xff00), uint16(0xffff)]) {
    const unsuback = await answerTo(client, packet(First.unsubscribe, id, text('t')))
    assert.deepEqual(unsuback, packet(0xb0, id))
  }
})

onEachLevel('[MQTT-3.10.4-5] it is answered where there was no such subscription, too', async (level) => {
  const client = await RawClient.connect(port, level)
  await unsubscribe(client, 'never/subscribed/to')
  await client.subscribe({ topic: 'once', qos: 0 })
  await unsubscribe(client, 'once')
  await unsubscribe(client, 'once')
})

onEachLevel(
  '[MQTT-3.10.4-6] many filters in one packet are as many packets, but for one UNSUBACK',
  async (level) => {
    const base = `leaving/${level}`
    const client = await RawClient.connect(port, level)
    for (const last of ['a', 'b', 'c']) await client.subscribe({ topic: `${base}/${last}`, qos: 0 })
    await unsubscribe(client, `${base}/a`, `${base}/none`, `${base}/c`)
    await client.silence()
    const publisher = await RawClient.connect(port, level)
    for (const last of ['a', 'c', 'b']) publisher.publish({ topic: `${base}/${last}`, payload: last })
    assert.deepEqual(await payloadsOf(client, 1), ['b'])
    await client.silence()
  },
)
