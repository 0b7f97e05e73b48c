import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, test } from 'node:test'
import type { Packet } from 'mqtt-packet'
import { TEXT_JUDGED_HERE_BYTES } from '../../../src/base/limits.ts'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'
import { bytesFrom, connectBytes, frame, properties, refusalOf, refusalOfConnect, sized } from './frames.ts'

const { port } = await startBroker({ anonymous: true })
const MALFORMED = 0x81

/** CONNECT has a code for identifiers of its own; of credentials that are none nothing is said. */
function codeOf(where: string): number | undefined {
  if (where.startsWith('the client identifier')) return 0x85
  return where.startsWith('the user name') ? undefined : MALFORMED
}

const WILL_FLAGS = 0x06
const USERNAME_FLAGS = 0x82

/** Where a client can put a UTF-8 encoded string in its CONNECT. */
const TEXTS_OF_CONNECT: readonly (readonly [where: string, bytes: (text: Buffer) => Buffer])[] = [
  ['the client identifier [MQTT-3.1.3-4]', (text) => connectBytes({ clientId: text })],
  [
    'the will topic [MQTT-3.1.3-11]',
    (text) => connectBytes({ flags: WILL_FLAGS, rest: ['00', sized(text), '0000'] }),
  ],
  [
    "the will's content type",
    (text) => connectBytes({ flags: WILL_FLAGS, rest: [properties('03', sized(text)), "0001'w'", '0000'] }),
  ],
  [
    "the will's response topic",
    (text) => connectBytes({ flags: WILL_FLAGS, rest: [properties('08', sized(text)), "0001'w'", '0000'] }),
  ],
  ['the user name [MQTT-3.1.3-12]', (text) => connectBytes({ flags: USERNAME_FLAGS, rest: [sized(text)] })],
  ['the authentication method', (text) => connectBytes({ properties: properties('15', sized(text)) })],
]

/** The same in its other packets. */
const TEXTS: readonly (readonly [where: string, bytes: (text: Buffer) => Buffer])[] = [
  ['the topic of PUBLISH', (text) => frame(0x30, sized(text), '00')],
  ['the content type of PUBLISH', (text) => frame(0x30, "0001't'", properties('03', sized(text)))],
  ['the response topic of PUBLISH', (text) => frame(0x30, "0001't'", properties('08', sized(text)))],
  ['the filter of SUBSCRIBE', (text) => frame(0x82, '0001 00', sized(text), '00')],
  ['the filter of UNSUBSCRIBE', (text) => frame(0xa2, '0001 00', sized(text))],
  ['the reason string of PUBACK', (text) => frame(0x40, '0001 00', properties('1f', sized(text)))],
  ['the reason string of PUBREC', (text) => frame(0x50, '0001 00', properties('1f', sized(text)))],
  ['the reason string of PUBREL', (text) => frame(0x62, '0001 00', properties('1f', sized(text)))],
  ['the reason string of PUBCOMP', (text) => frame(0x70, '0001 00', properties('1f', sized(text)))],
  ['the reason string of DISCONNECT', (text) => frame(0xe0, '00', properties('1f', sized(text)))],
  ['the method of AUTH', (text) => frame(0xf0, '18', properties('15', sized(text)))],
]

/** Where a pair of strings can be, in each packet that a client sends with properties. */
const PAIRS_OF_CONNECT: readonly ((pair: Buffer) => Buffer)[] = [
  (pair) => connectBytes({ properties: properties('26', pair) }),
  (pair) => connectBytes({ flags: WILL_FLAGS, rest: [properties('26', pair), "0001'w'", '0000'] }),
]
const PAIRS: readonly ((pair: Buffer) => Buffer)[] = [
  (pair) => frame(0x30, "0001't'", properties('26', pair)),
  (pair) => frame(0x82, '0001', properties('26', pair), "0001't' 00"),
  (pair) => frame(0xa2, '0001', properties('26', pair), "0001't'"),
  ...[0x40, 0x50, 0x62, 0x70].map(
    (first) => (pair: Buffer) => frame(first, '0001 00', properties('26', pair)),
  ),
  (pair) => frame(0xe0, '00', properties('26', pair)),
  (pair) => frame(0xf0, '18', properties("15 0001'm' 26", pair)),
]

const ILL_FORMED = [
  ['c080', 'U+0000 in two bytes'],
  ['c1bf', 'ASCII in two bytes'],
  ['e08080', 'U+0000 in three bytes'],
  ['e09fbf', 'U+07FF in three bytes'],
  ['f0808080', 'U+0000 in four bytes'],
  ['f08fbfbf', 'U+FFFF in four bytes'],
  ['eda080', 'a high surrogate'],
  ['edbfbf', 'a low surrogate'],
  ['eda080edb080', 'a pair of surrogates'],
  ['f4908080', 'above U+10FFFF'],
  ['f5808080', 'a lead of what is no character'],
  ['80', 'a continuation alone'],
  ['c3', 'two bytes cut short'],
  ['e282', 'three bytes cut short'],
  ['f09f98', 'four bytes cut short'],
  ['c341', 'a character broken off'],
  ['fe', 'no lead'],
  ['ff', 'no lead either'],
] as const

test('the packets that carry the texts below are fine with a good text', async () => {
  for (const [where, packet] of [...TEXTS_OF_CONNECT, ...TEXTS]) {
    const bytes = packet(hex("'ok'"))
    const isConnect = bytes[0] === 0x10
    const client = isConnect ? await RawClient.open(port) : await RawClient.connect(port)
    client.write(Buffer.concat([bytes, hex('e0 00')]))
    for (const answer of await client.end()) {
      const code = 'reasonCode' in answer ? answer.reasonCode : 0
      // what nobody here can authenticate by, or has not begun with
      if (where.includes('method')) assert.ok(code === 0x8c || code === 0x82)
      else assert.ok(answer.cmd !== 'disconnect' && code !== MALFORMED, where)
    }
  }
})

describe('[MQTT-1.5.4-1] text that is not well-formed UTF-8, or a surrogate, is malformed', () => {
  const texts = ILL_FORMED.flatMap(([bytes]) => [hex(bytes), Buffer.concat([hex("'a/'"), hex(bytes)])])
  for (const [where, packet] of TEXTS_OF_CONNECT) {
    test(`in ${where}`, async () => {
      const codes = await Promise.all(texts.map((text) => refusalOfConnect(port, packet(text))))
      assert.deepEqual(
        codes,
        texts.map(() => codeOf(where)),
      )
    })
  }
  for (const [where, packet] of TEXTS) {
    test(`in ${where}`, async () => {
      const codes = await Promise.all(texts.map((text) => refusalOf(port, packet(text))))
      assert.deepEqual(
        codes,
        texts.map(() => MALFORMED),
      )
    })
  }

  test('in a text that is long enough to be judged in another way', async () => {
    const good = Buffer.alloc(TEXT_JUDGED_HERE_BYTES, 'a')
    for (const [bytes] of ILL_FORMED) {
      const text = Buffer.concat([good, hex(bytes)])
      assert.equal(await refusalOfConnect(port, connectBytes({ clientId: text })), 0x85)
    }
  })
})

test('[MQTT-1.5.4-2] text with U+0000 is malformed, wherever it is', async () => {
  for (const text of [hex('00'), hex("'a' 00 'b'"), Buffer.alloc(TEXT_JUDGED_HERE_BYTES + 1)]) {
    for (const [where, packet] of TEXTS_OF_CONNECT) {
      assert.equal(await refusalOfConnect(port, packet(text)), codeOf(where), where)
    }
    for (const [where, packet] of TEXTS) assert.equal(await refusalOf(port, packet(text)), MALFORMED, where)
  }
})

test('[MQTT-1.5.4-3] U+FEFF is a character like any other, neither skipped nor stripped', async () => {
  const marked = await RawClient.connect(port)
  await marked.subscribe({ topic: '\uFEFFbom', qos: 0 })
  const unmarked = await RawClient.connect(port)
  await unmarked.subscribe({ topic: 'bom', qos: 0 })
  marked.publish({
    topic: '\uFEFFbom',
    properties: { contentType: '\uFEFFtext', userProperties: { '\uFEFFname': '\uFEFFvalue' } },
  })
  const { topic, properties: heard } = await marked.expect('publish')
  assert.equal(topic, '\uFEFFbom')
  assert.equal(heard?.contentType, '\uFEFFtext')
  assert.deepEqual({ ...heard?.userProperties }, { '\uFEFFname': '\uFEFFvalue' })
  await unmarked.silence()
})

describe('[MQTT-1.5.5-1] a variable byte integer has no more bytes than it needs', () => {
  for (const [where, bytes] of [
    ['a remaining length of 0', hex('c0 80 00')],
    ['a remaining length of 5', hex("30 85 80 00 0001't' 00 'x'")],
    ['the property length of PUBLISH', frame(0x30, "0001't' 80 00")],
    ['the property length of SUBSCRIBE', frame(0x82, "0001 80 80 00 0001't' 00")],
    ['the property length of DISCONNECT', frame(0xe0, '00 80 00')],
    ['a subscription identifier', frame(0x82, "0001 03 0b 81 00 0001't' 00")],
    ['a subscription identifier of five bytes', frame(0x82, "0001 06 0b 80 80 80 80 01 0001't' 00")],
  ] as const) {
    test(`${where} with more is malformed`, async () => {
      assert.equal(await refusalOf(port, bytes), MALFORMED)
    })
  }

  test('a remaining length of five bytes is closed upon in silence', async () => {
    const client = await RawClient.connect(port)
    client.write(hex('30 ff ff ff ff 01'))
    assert.deepEqual(await client.end(), [])
  })

  test('nor has that of the properties of CONNECT', async () => {
    assert.equal(await refusalOfConnect(port, connectBytes({ properties: hex('80 00') })), MALFORMED)
  })

  test('the broker’s own have as few as can be, on both sides of each step', async () => {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic: 'v', qos: 0 })
    const heard = bytesFrom(client)
    // topic, its length and the property length are four bytes of the remaining length
    const sizes = [127, 128, 16_383, 16_384]
    for (const size of sizes) client.publish({ topic: 'v', payload: Buffer.alloc(size - 4) })
    for (const _ of sizes) await client.expect('publish')
    const bytes = heard()
    let at = 0
    for (const length of ['7f', '8001', 'ff7f', '808001']) {
      const header = hex(`30 ${length} 0001'v' 00`)
      assert.deepEqual(bytes.subarray(at, at + header.length), header)
      at += 1 + length.length / 2 + (sizes.shift() ?? 0)
    }
    assert.equal(at, bytes.length)
  })
})

test('[MQTT-1.5.7-1] both strings of a pair are to be UTF-8, in every packet that has pairs', async () => {
  const good = sized('a')
  for (const bad of ['ff', 'eda080', '00'].map((bytes) => sized(hex(bytes)))) {
    for (const pair of [Buffer.concat([good, bad]), Buffer.concat([bad, good])]) {
      for (const packet of PAIRS_OF_CONNECT) {
        assert.equal(await refusalOfConnect(port, packet(pair)), MALFORMED)
      }
      for (const packet of PAIRS) assert.equal(await refusalOf(port, packet(pair)), MALFORMED)
    }
  }
})

describe('[MQTT-2.1.3-1] the reserved bits of the first byte are as the standard lists them', () => {
  const EXPECTED: Readonly<Record<number, number>> = { 6: 0b0010, 8: 0b0010, 10: 0b0010 }
  const TOLD: Readonly<Record<number, number>> = { 6: 0x82, 14: 0x82, 15: 0x82 }
  const ALL_FLAGS = Array.from({ length: 16 }, (_, flags) => flags)
  // malformed all of them; with which code the client is told is the broker's choice
  for (const [type, code] of [4, 5, 6, 7, 8, 10, 12, 14, 15].map(
    (type) => [type, TOLD[type] ?? MALFORMED] as const,
  )) {
    test(`packet type ${type} with other flags is refused`, async () => {
      const others = ALL_FLAGS.filter((flags) => flags !== (EXPECTED[type] ?? 0))
      const codes = await Promise.all(
        others.map((flags) => refusalOf(port, Buffer.of((type << 4) | flags, 0))),
      )
      assert.deepEqual(
        codes,
        others.map(() => code),
      )
    })
  }

  test('a CONNECT with flags is not read at all', async () => {
    for (const flags of ALL_FLAGS.slice(1)) {
      const bytes = connectBytes()
      bytes[0] = 0x10 | flags
      assert.equal(await refusalOfConnect(port, bytes), undefined)
    }
  })

  test('a packet type that only the broker sends, or nobody, ends the connection', async () => {
    const codes = await Promise.all([0, 2, 9, 11, 13].map((type) => refusalOf(port, Buffer.of(type << 4, 0))))
    assert.deepEqual(codes, [0x82, 0x82, 0x82, 0x82, 0x82])
  })

  test('the broker’s own are so, too', async () => {
    const client = await RawClient.open(port)
    const heard = bytesFrom(client)
    /** Of the next packet that comes. */
    const firstByte = async (cmd: Packet['cmd'], ...packets: readonly Packet[]): Promise<number> => {
      const before = heard().length
      if (packets.length > 0) client.send(...packets)
      await client.expect(cmd)
      return heard()[before] ?? -1
    }
    client.write(connectBytes())
    assert.equal(await firstByte('connack'), 0x20)
    const subscriptions = [{ topic: 'own', qos: 2 as const }]
    assert.equal(await firstByte('suback', { cmd: 'subscribe', messageId: 1, subscriptions }), 0x90)
    const aside = { cmd: 'publish', topic: 'aside', payload: '', dup: false, retain: false } as const
    assert.equal(await firstByte('puback', { ...aside, qos: 1, messageId: 2 }), 0x40)
    assert.equal(await firstByte('pubrec', { ...aside, qos: 2, messageId: 3 }), 0x50)
    assert.equal(await firstByte('pubcomp', { cmd: 'pubrel', messageId: 3 }), 0x70)
    const publisher = await RawClient.connect(port)
    publisher.publish({ topic: 'own', qos: 2, messageId: 1 })
    const before = heard().length
    const { messageId } = await client.expect('publish')
    assert.equal(heard()[before], 0x34)
    assert.equal(await firstByte('pubrel', { cmd: 'pubrec', messageId: messageId ?? 0 }), 0x62)
    assert.equal(
      await firstByte('unsuback', { cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['own'] }),
      0xb0,
    )
    assert.equal(await firstByte('pingresp', { cmd: 'pingreq' }), 0xd0)
    client.write(hex('c1 00'))
    assert.equal(await firstByte('disconnect'), 0xe0)
  })
})

test('[MQTT-2.2.1-2] a PUBLISH of QoS 0 has no packet identifier, neither in nor out', async () => {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic: 'q0', qos: 2 })
  const heard = bytesFrom(client)
  // were 00 01 an identifier, there would be no properties behind it
  client.write(frame(0x30, "0002'q0' 00 01 'x'"))
  await client.expect('publish')
  assert.deepEqual(heard(), frame(0x30, "0002'q0' 00 01 'x'"))
})

test('[MQTT-2.2.1-3] a packet identifier of 0 is an error', async () => {
  for (const bytes of [
    frame(0x32, "0001't' 0000 00"),
    frame(0x34, "0001't' 0000 00"),
    ...[0x40, 0x50, 0x62, 0x70].map((first) => frame(first, '0000')),
  ]) {
    assert.equal(await refusalOf(port, bytes), 0x82, bytes.toString('hex'))
  }
  for (const bytes of [frame(0x82, "0000 00 0001't' 00"), frame(0xa2, "0000 00 0001't'")]) {
    assert.equal(await refusalOf(port, bytes), MALFORMED, bytes.toString('hex'))
  }
})

test('[MQTT-2.2.1-4] each PUBLISH above QoS 0 gets an identifier that is not zero and not in use', async () => {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic: 'ids/#', qos: 2 })
  const publisher = await RawClient.connect(port)
  const inUse = new Map<number, 1 | 2>()
  let sent = 0
  const oneMore = async (qos: 1 | 2): Promise<void> => {
    publisher.publish({ topic: 'ids/x', qos, messageId: ++sent })
    const { messageId = 0 } = await client.expect('publish')
    assert.ok(messageId > 0)
    assert.ok(!inUse.has(messageId), `${messageId} is in use`)
    inUse.set(messageId, qos)
    // what is under way from here is not to stop the test
    if (qos === 2) publisher.send({ cmd: 'pubrel', messageId: sent })
  }
  for (let i = 0; i < 20; i += 1) await oneMore(i % 2 === 0 ? 1 : 2)
  for (const [messageId, qos] of inUse) {
    if (messageId % 3 !== 0) continue
    if (qos === 1) client.send({ cmd: 'puback', messageId })
    else {
      client.send({ cmd: 'pubrec', messageId })
      assert.equal((await client.expect('pubrel')).messageId, messageId)
      // released, it is in use until PUBCOMP
      await oneMore(1)
      client.send({ cmd: 'pubcomp', messageId })
    }
    inUse.delete(messageId)
  }
  for (let i = 0; i < 20; i += 1) await oneMore(i % 2 === 0 ? 1 : 2)
})

test('[MQTT-2.2.1-5] PUBACK, PUBREC, PUBREL and PUBCOMP have the identifier of what they answer', async () => {
  const client = await RawClient.connect(port)
  for (const messageId of [1, 255, 256, 65_535]) {
    client.publish({ topic: 'answered', qos: 1, messageId })
    assert.equal((await client.expect('puback')).messageId, messageId)
    client.publish({ topic: 'answered', qos: 2, messageId })
    assert.equal((await client.expect('pubrec')).messageId, messageId)
    client.send({ cmd: 'pubrel', messageId })
    assert.equal((await client.expect('pubcomp')).messageId, messageId)
    // of an unknown message as well
    client.send({ cmd: 'pubrec', messageId })
    assert.equal((await client.expect('pubrel')).messageId, messageId)
  }
})

test('[MQTT-2.2.1-6] SUBACK and UNSUBACK have the identifier of what they answer', async () => {
  const client = await RawClient.connect(port)
  for (const messageId of [1, 255, 256, 65_535]) {
    client.send({ cmd: 'subscribe', messageId, subscriptions: [{ topic: 'x', qos: 1 }] })
    assert.equal((await client.expect('suback')).messageId, messageId)
    client.send({ cmd: 'unsubscribe', messageId, unsubscriptions: ['x', 'none'] })
    assert.equal((await client.expect('unsuback')).messageId, messageId)
  }
})

describe('[MQTT-2.2.2-1] where there are no properties, their length says so', () => {
  test('the broker writes a 0', async () => {
    const client = await RawClient.connect(port)
    const heard = bytesFrom(client)
    await client.subscribe({ topic: 'bare', qos: 0 })
    client.publish({ topic: 'bare', payload: 'x' })
    await client.expect('publish')
    client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['bare'] })
    await client.expect('unsuback')
    assert.deepEqual(
      heard(),
      Buffer.concat([frame(0x90, 'fde8 00 00'), frame(0x30, "0004'bare' 00 'x'"), frame(0xb0, '0007 00 00')]),
    )
  })

  test('a client that leaves it out is malformed', async () => {
    const nameless = frame(0x10, "0004'MQTT' 05 02 0000")
    assert.equal(await refusalOfConnect(port, nameless), MALFORMED)
    for (const bytes of [frame(0x30, "0001't'"), frame(0x32, "0001't' 0001"), frame(0x82, '0001')]) {
      assert.equal(await refusalOf(port, bytes), MALFORMED)
    }
  })
})
