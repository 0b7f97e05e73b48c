import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import {
  byte,
  closedInSilence,
  closedOnceConnected,
  DUP,
  First,
  handWrittenConnect,
  onEachLevel,
  packet,
  text,
  uint16,
  wrongFirstBytes,
} from '../../support/hand-written.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })

const ILL_FORMED: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['a continuation byte alone', Buffer.of(0x80)],
  ['cut short after one of two', Buffer.of(0xc3)],
  ['cut short after two of three', Buffer.of(0xe2, 0x82)],
  ['cut short after three of four', Buffer.of(0xf0, 0x9f, 0x98)],
  ['two bytes, the second no continuation', Buffer.of(0xc3, 0x28)],
  ['overlong in two', Buffer.of(0xc0, 0xaf)],
  ['overlong in two, the last of them', Buffer.of(0xc1, 0xbf)],
  ['overlong in three', Buffer.of(0xe0, 0x80, 0xaf)],
  ['overlong in four', Buffer.of(0xf0, 0x80, 0x80, 0xaf)],
  ['U+0000 overlong', Buffer.of(0xc0, 0x80)],
  ['the first surrogate, U+D800', Buffer.of(0xed, 0xa0, 0x80)],
  ['the last surrogate, U+DFFF', Buffer.of(0xed, 0xbf, 0xbf)],
  ['a pair of surrogates', Buffer.of(0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80)],
  ['above U+10FFFF', Buffer.of(0xf4, 0x90, 0x80, 0x80)],
  ['five bytes', Buffer.of(0xf8, 0x88, 0x80, 0x80, 0x80)],
  ['bytes that never occur', Buffer.of(0xfe, 0xff)],
]

const WILL = 0b110
const USER_NAME = 0b1000_0010

/** Every place where the standard has a text, by what is sent before it says anything else. */
const TEXTS_OF_CONNECT: Readonly<Record<string, (level: 3 | 4, content: Buffer) => Buffer>> = {
  'protocol name': (level, content) => handWrittenConnect({ level, protocol: content }),
  'client identifier': (level, content) => handWrittenConnect({ level, payload: [text(content)] }),
  'will topic': (level, content) =>
    handWrittenConnect({ level, flags: WILL, payload: [text('c'), text(content), text('message')] }),
  'user name': (level, content) =>
    handWrittenConnect({ level, flags: USER_NAME, payload: [text('c'), text(content)] }),
}
const TEXTS_ONCE_CONNECTED: Readonly<Record<string, (content: Buffer) => Buffer>> = {
  'topic name': (content) => packet(First.publish, text(content), Buffer.from('payload')),
  'topic filter of SUBSCRIBE': (content) => packet(First.subscribe, uint16(1), text(content), byte(0)),
  'topic filter of UNSUBSCRIBE': (content) => packet(First.unsubscribe, uint16(1), text(content)),
}

async function refusedWherever(level: 3 | 4, content: Buffer): Promise<void> {
  await Promise.all([
    ...Object.values(TEXTS_OF_CONNECT).map((write) => closedInSilence(port, level, write(level, content))),
    ...Object.values(TEXTS_ONCE_CONNECTED).map((write) => closedOnceConnected(port, level, write(content))),
  ])
}

onEachLevel('[MQTT-1.5.3-1] ill-formed UTF-8 in any text closes the connection', async (level) => {
  for (const [, bytes] of ILL_FORMED) {
    const embedded = Buffer.concat([Buffer.from('a'), bytes, Buffer.from('b')])
    await refusedWherever(level, embedded)
  }
})

onEachLevel('[MQTT-1.5.3-1] ill-formed UTF-8 at the end of a text closes the connection', async (level) => {
  for (const [, bytes] of ILL_FORMED) await refusedWherever(level, bytes)
})

onEachLevel('[MQTT-1.5.3-1] well-formed UTF-8 up to its limits is taken', async (level) => {
  const client = await RawClient.connect(port, level)
  const topic = 'é€\u{d7ff}\u{e000}\u{fffd}\u{10000}\u{10ffff}'
  assert.deepEqual(await client.subscribe({ topic, qos: 0 }), [0])
  client.publish({ topic })
  assert.equal((await client.expect('publish')).topic, topic)
})

onEachLevel('[MQTT-1.5.3-2] U+0000 in any text closes the connection', async (level) => {
  for (const content of ['\0', 'a\0', '\0b', 'a\0b']) await refusedWherever(level, Buffer.from(content))
})

onEachLevel(
  '[MQTT-1.5.3-3] U+FEFF is a character like others, at the beginning of a text too',
  async (level) => {
    const client = await RawClient.connect(port, level)
    const topic = '\u{feff}t\u{feff}'
    await client.subscribe({ topic, qos: 0 }, { topic: 't', qos: 0 }, { topic: 't\u{feff}', qos: 0 })
    client.publish({ topic: 't', payload: 'without' })
    assert.equal((await client.expect('publish')).topic, 't')
    client.publish({ topic, payload: 'with' })
    assert.equal((await client.expect('publish')).topic, topic)
    await client.silence()
  },
)

onEachLevel('[MQTT-2.2.2-1] the flags of what the broker sends have the values listed', async (level) => {
  const client = await RawClient.open(port, level)
  const subscriber = packet(First.subscribe, uint16(1), text('flags'), byte(2))
  const publish = packet(First.publish | 0b100, text('flags'), uint16(4))
  const flow: readonly (readonly [sent: Buffer, firstBytes: readonly number[]])[] = [
    [handWrittenConnect({ level }), [0x20]],
    [subscriber, [0x90]],
    [packet(First.publish | 0b010, text('elsewhere'), uint16(3)), [0x40]],
    [publish, [0x34, 0x50]],
    [packet(First.pubrec, uint16(1)), [0x62]],
    [packet(First.pubrel, uint16(4)), [0x70]],
    [packet(First.unsubscribe, uint16(2), text('flags')), [0xb0]],
    [packet(First.pingreq), [0xd0]],
  ]
  for (const [sent, firstBytes] of flow) {
    const got: number[] = []
    client.write(sent)
    while (got.length < firstBytes.length) {
      const [bytes] = (await once(client.socket, 'data')) as [Buffer]
      got.push(...firstBytesOf(bytes))
    }
    assert.deepEqual(
      got.toSorted((one, other) => one - other),
      firstBytes,
    )
  }
})

onEachLevel(
  '[MQTT-2.2.2-2] flags with other values than those listed close the connection',
  async (level) => {
    const id = uint16(1)
    const filter = text('f')
    const bodies: readonly (readonly [firstByte: number, ...fields: readonly Buffer[]])[] = [
      [First.puback, id],
      [First.pubrec, id],
      [First.pubrel, id],
      [First.pubcomp, id],
      [First.subscribe, id, filter, byte(0)],
      [First.unsubscribe, id, filter],
      [First.pingreq],
      [First.disconnect],
    ]
    const wrong = bodies.flatMap(([firstByte, ...fields]) =>
      wrongFirstBytes(level, firstByte).map((other) => packet(other, ...fields)),
    )
    // MQTT 3.1 repeats three of them
    assert.equal(wrong.length, level === 3 ? 8 * 15 - 3 : 8 * 15)
    await Promise.all(wrong.map((bytes) => closedOnceConnected(port, level, bytes)))
    // MQTT 3.1 does not use those of CONNECT, whatever they are
    if (level === 3) return
    const connect = handWrittenConnect({ level })
    for (let flags = 1; flags < 16; flags += 1) {
      connect[0] = First.connect | flags
      await closedInSilence(port, level, connect)
    }
  },
)

onEachLevel('[MQTT-2.3.1-1] packet identifier 0 closes the connection', async (level) => {
  const none = uint16(0)
  const without = [
    packet(First.publish | 0b010, text('t'), none),
    packet(First.publish | 0b100, text('t'), none),
    packet(First.subscribe, none, text('t'), byte(0)),
    packet(First.unsubscribe, none, text('t')),
    packet(First.puback, none),
    packet(First.pubrec, none),
    packet(First.pubrel, none),
    packet(First.pubcomp, none),
  ]
  await Promise.all(without.map((bytes) => closedOnceConnected(port, level, bytes)))
})

onEachLevel('[MQTT-2.3.1-1] any other packet identifier is taken', async (level) => {
  const client = await RawClient.connect(port, level)
  for (const messageId of [1, 0xff, 0x100, 0xffff]) {
    client.publish({ topic: 'ids', qos: 1, messageId })
    assert.equal((await client.expect('puback')).messageId, messageId)
  }
})

onEachLevel(
  '[MQTT-2.3.1-2] an identifier that is in use names the message that has it, no second one',
  async (level) => {
    const topic = `in-use/${level}`
    const subscriber = await RawClient.connect(port, level)
    await subscriber.subscribe({ topic, qos: 0 })
    const client = await RawClient.connect(port, level)
    for (const payload of ['first', 'second']) {
      client.publish({ topic, payload, qos: 2, messageId: 9 })
      assert.equal((await client.expect('pubrec')).messageId, 9)
    }
    assert.equal(String((await subscriber.expect('publish')).payload), 'first')
    await subscriber.silence()
  },
)

onEachLevel(
  '[MQTT-2.3.1-3] an identifier is free for another message once its exchange is over',
  async (level) => {
    const topic = `freed/${level}`
    const subscriber = await RawClient.connect(port, level)
    await subscriber.subscribe({ topic, qos: 0 })
    const client = await RawClient.connect(port, level)
    for (const payload of ['1st of QoS 1', '2nd of QoS 1']) {
      client.publish({ topic, payload, qos: 1, messageId: 5 })
      await client.expect('puback')
      assert.equal(String((await subscriber.expect('publish')).payload), payload)
    }
    for (const payload of ['1st of QoS 2', '2nd of QoS 2']) {
      client.publish({ topic, payload, qos: 2, messageId: 5 })
      await client.expect('pubrec')
      client.send({ cmd: 'pubrel', messageId: 5 })
      await client.expect('pubcomp')
      assert.equal(String((await subscriber.expect('publish')).payload), payload)
    }
  },
)

onEachLevel(
  "[MQTT-2.3.1-4] the broker's own identifiers are not 0, and free only once acknowledged",
  async (level) => {
    const topic = `own/${level}`
    const client = await RawClient.connect(port, level)
    const publisher = await RawClient.connect(port, level)
    await client.subscribe({ topic, qos: 2 })
    const inUse = new Set<number>()
    for (const [place, qos] of ([1, 2, 1, 2, 1] as const).entries()) {
      publisher.publish({ topic, qos, messageId: place + 1 })
      const { messageId = 0 } = await client.expect('publish')
      assert.ok(messageId > 0 && !inUse.has(messageId))
      inUse.add(messageId)
      // acknowledged, the first is free; the others are not
      if (place > 0) continue
      client.send({ cmd: 'puback', messageId })
      inUse.delete(messageId)
    }
    assert.equal(inUse.size, 4)
  },
)

onEachLevel(
  '[MQTT-2.3.1-5] a PUBLISH of QoS 0 has no packet identifier, in either direction',
  async (level) => {
    const topic = `none/${level}`
    const client = await RawClient.connect(port, level)
    await client.subscribe({ topic, qos: 2 })
    const published = packet(First.publish, text(topic), Buffer.of(0, 0))
    client.write(published)
    const [delivered] = (await once(client.socket, 'data')) as [Buffer]
    assert.deepEqual(delivered, published)
  },
)

onEachLevel(
  '[MQTT-2.3.1-6] PUBACK, PUBREC, PUBREL and PUBCOMP carry the identifier of their PUBLISH',
  async (level) => {
    const topic = `echoed/${level}`
    const client = await RawClient.connect(port, level)
    client.publish({ topic, qos: 1, messageId: 0x1234 })
    assert.equal((await client.expect('puback')).messageId, 0x1234)
    client.publish({ topic, qos: 2, messageId: 0x4321 })
    assert.equal((await client.expect('pubrec')).messageId, 0x4321)
    client.send({ cmd: 'pubrel', messageId: 0x4321 })
    assert.equal((await client.expect('pubcomp')).messageId, 0x4321)

    await client.subscribe({ topic, qos: 2 })
    const publisher = await RawClient.connect(port, level)
    publisher.publish({ topic, qos: 2, messageId: 77 })
    const { messageId } = await client.expect('publish')
    client.send({ cmd: 'pubrec', messageId: messageId as number })
    assert.equal((await client.expect('pubrel')).messageId, messageId)
  },
)

onEachLevel('[MQTT-2.3.1-7] SUBACK and UNSUBACK carry the identifier of what they answer', async (level) => {
  const client = await RawClient.connect(port, level)
  for (const messageId of [1, 0x0100, 0xffff]) {
    client.send({ cmd: 'subscribe', messageId, subscriptions: [{ topic: 't', qos: 0 }] })
    assert.equal((await client.expect('suback')).messageId, messageId)
    client.send({ cmd: 'unsubscribe', messageId, unsubscriptions: ['t'] })
    assert.equal((await client.expect('unsuback')).messageId, messageId)
  }
})

/** Of whole packets, none longer than 127 bytes. */
function firstBytesOf(bytes: Buffer): number[] {
  const found: number[] = []
  for (let at = 0; at < bytes.length; at += 2 + (bytes[at + 1] ?? 0)) found.push(bytes[at] ?? 0)
  return found
}

test('MQTT 3.1 repeats PUBREL, SUBSCRIBE and UNSUBSCRIBE with DUP, and is answered once more', async () => {
  const client = await RawClient.connect(port, 3)
  client.publish({ topic: 'repeated', qos: 2, messageId: 1 })
  await client.expect('pubrec')
  client.write(packet(First.pubrel | DUP, uint16(1)))
  assert.equal((await client.expect('pubcomp')).messageId, 1)
  client.write(packet(First.subscribe | DUP, uint16(2), text('repeated'), byte(1)))
  assert.equal((await client.expect('suback')).messageId, 2)
  client.write(packet(First.unsubscribe | DUP, uint16(3), text('repeated')))
  assert.equal((await client.expect('unsuback')).messageId, 3)
})
