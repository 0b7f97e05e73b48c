import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import type { Packet } from 'mqtt-packet'
import { countPackets, describePackets } from '../../../src/codec/describe-packet.ts'
import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'
import { foreignBytes, ordered } from './framed.ts'

/** The event of one packet, as the guest reads it. */
function described(packet: Packet, version: ProtocolVersion = 5, maxPayloadBytes = -1): unknown {
  const [only, ...more] = describePackets(foreignBytes(packet, version), version, () => true)
  assert.equal(more.length, 0)
  return JSON.parse(only?.text(maxPayloadBytes) ?? 'null')
}

const MESSAGE = { cmd: 'publish', topic: 't', payload: 'hi', qos: 1, retain: true, dup: true } as const

test('CONNECT is told with its will, and without the password', () => {
  const connect: Packet = {
    cmd: 'connect',
    clientId: 'c',
    clean: false,
    keepalive: 30,
    username: 'alice',
    password: Buffer.from('secret'),
    will: { topic: 'w', payload: Buffer.from('gone'), qos: 1, retain: true },
  }
  for (const version of [4, 5] as const) {
    assert.deepEqual(described({ ...connect, protocolVersion: version }, version, 64), {
      packet: {
        cmd: 'connect',
        clientId: 'c',
        protocolVersion: version,
        cleanStart: false,
        keepAliveSec: 30,
        username: 'alice',
        will: { topic: 'w', qos: 1, retain: true },
      },
    })
  }
})

test('PUBLISH is told with its payload to those who may see it, and to them alone', () => {
  const header = { cmd: 'publish', topic: 't', qos: 1, retain: true, dup: true, packetId: 7 }
  assert.deepEqual(described({ ...MESSAGE, messageId: 7 }), { packet: header })
  assert.deepEqual(described({ ...MESSAGE, messageId: 7 }, 5, 2), {
    packet: { ...header, payload64: Buffer.from('hi').toString('base64') },
  })
})

test('a payload that is too long is left out, and the event says so', () => {
  const event = described({ ...MESSAGE, messageId: 7 }, 5, 1) as { packet: object }
  assert.equal(Object.hasOwn(event.packet, 'payload64'), false)
  assert.partialDeepStrictEqual(event, { packet: { payloadOmitted: true } })
})

test('what is not wanted is not read, and what is behind it is', () => {
  const long = foreignBytes({ ...MESSAGE, messageId: 1, payload: 'x'.repeat(20_000) }, 5)
  const bytes = Buffer.concat([
    foreignBytes({ cmd: 'pingreq' }, 5),
    long,
    foreignBytes({ cmd: 'pingresp' }, 5),
  ])
  const lengths: number[] = []
  const wanted = (length: number): boolean => {
    lengths.push(length)
    return length < 1000
  }
  const described = [...describePackets(bytes, 5, wanted)]
  assert.deepEqual(lengths, [2, long.length, 2])
  assert.equal(countPackets(bytes), 3)
  assert.deepEqual(
    described.map((each) => each.text(-1)),
    ['{"packet":{"cmd":"pingreq"}}', '{"packet":{"cmd":"pingresp"}}'],
  )
})

test('PUBLISH is told with its properties, user properties as pairs in their order', () => {
  const properties = {
    payloadFormatIndicator: true,
    messageExpiryInterval: 9,
    contentType: 'text',
    responseTopic: 'r',
    correlationData: Buffer.from([1]),
    ...ordered([
      ['a', '1'],
      ['b', '3'],
      ['a', '2'],
    ]),
    subscriptionIdentifier: [1, 2],
    topicAlias: 3,
  }
  const event = described({ ...MESSAGE, qos: 0, dup: false, properties }) as {
    packet: { properties: unknown }
  }
  assert.deepEqual(event.packet.properties, {
    payloadFormat: 1,
    contentType: 'text',
    responseTopic: 'r',
    correlationData64: 'AQ==',
    userProperties: [
      ['a', '1'],
      ['b', '3'],
      ['a', '2'],
    ],
  })
})

const subscription = { qos: 1, nl: true, rap: true, rh: 2 } as const
const filter = { qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 }

const HEADERS: readonly (readonly [Packet, object, ProtocolVersion?])[] = [
  [
    { cmd: 'connack', sessionPresent: true, reasonCode: 0 },
    { sessionPresent: true, reasonCode: 0 },
  ],
  [{ cmd: 'connack', sessionPresent: false, returnCode: 5 }, { sessionPresent: false, reasonCode: 5 }, 4],
  [
    { cmd: 'puback', messageId: 7, reasonCode: 0x87 },
    { packetId: 7, reasonCode: 0x87 },
  ],
  [{ cmd: 'pubrec', messageId: 7 }, { packetId: 7, reasonCode: 0 }, 4],
  [
    { cmd: 'pubrel', messageId: 7 },
    { packetId: 7, reasonCode: 0 },
  ],
  [
    { cmd: 'pubcomp', messageId: 7, reasonCode: 0x92 },
    { packetId: 7, reasonCode: 0x92 },
  ],
  [
    {
      cmd: 'subscribe',
      messageId: 7,
      subscriptions: [
        { topic: 'a/#', ...subscription },
        { topic: '$share/g/b/+', ...subscription },
      ],
    },
    {
      packetId: 7,
      filters: [
        { filter: 'a/#', ...filter },
        { filter: 'b/+', share: 'g', ...filter },
      ],
    },
  ],
  [
    { cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: 'a', qos: 2 }] },
    {
      packetId: 7,
      filters: [{ filter: 'a', qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
    },
    4,
  ],
  [
    { cmd: 'suback', messageId: 7, granted: [0, 0x87] },
    { packetId: 7, reasonCodes: [0, 0x87] },
  ],
  [
    { cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['a'] },
    { packetId: 7, filters: ['a'] },
  ],
  [
    { cmd: 'unsuback', messageId: 7, granted: [0x11] },
    { packetId: 7, reasonCodes: [0x11] },
  ],
  [{ cmd: 'unsuback', messageId: 7, granted: [] }, { packetId: 7, reasonCodes: [] }, 4],
  [{ cmd: 'pingreq' }, {}],
  [{ cmd: 'pingresp' }, {}],
  [{ cmd: 'disconnect', reasonCode: 0x8b }, { reasonCode: 0x8b }],
  [{ cmd: 'disconnect' }, { reasonCode: 0 }, 4],
  [{ cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'm' } }, { reasonCode: 0x18 }],
]

for (const [packet, header, version = 5] of HEADERS) {
  test(`${packet.cmd.toUpperCase()} of version ${version} is told by its header`, () => {
    assert.deepEqual(described(packet, version), { packet: { cmd: packet.cmd, ...header } })
  })
}

test('several packets in one write are several events', () => {
  const bytes = Buffer.concat([foreignBytes({ cmd: 'pingresp' }, 5), foreignBytes({ cmd: 'pingresp' }, 5)])
  assert.equal([...describePackets(bytes, 5, () => true)].length, 2)
})
