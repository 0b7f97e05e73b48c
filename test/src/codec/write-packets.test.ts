import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import { writeToStream } from 'mqtt-packet'
import { ByteSink } from '../../../src/base/byte-sink.ts'
import { CONNACKS_KEPT } from '../../../src/base/limits.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import {
  writeAuth,
  writeConnack,
  writeDisconnect,
  writePingresp,
  writeRefusedPublish,
  writeSuback,
  writeUnsuback,
} from '../../../src/codec/write-packets.ts'
import { foreignPacketOf, hex } from './framed.ts'

function written(write: (sink: ByteSink) => void): Buffer {
  const sink = new ByteSink(1)
  write(sink)
  return sink.bytes.subarray(0, sink.length)
}

const PAIRS = [
  ['b', '1'],
  ['a', '2'],
  ['b', '3'],
  ['__proto__', '4'],
] as const
/** {@link PAIRS} as they stand in a packet. */
const PAIR_BYTES = hex("26 0001'b' 0001'1' 26 0001'a' 0001'2' 26 0001'b' 0001'3' 26 0009'__proto__' 0001'4'")

test('a CONNACK of MQTT 5.0 carries its reason code and properties', () => {
  const properties = { assignedClientIdentifier: 'id', receiveMaximum: 10, userProperties: PAIRS }
  const bytes = written((sink) =>
    writeConnack(sink, { sessionPresent: true, reasonCode: 0, version: 5, properties }),
  )
  const packet = foreignPacketOf('connack', bytes, 5)
  assert.deepEqual([packet.reasonCode, packet.sessionPresent], [0, true])
  assert.equal(packet.properties?.assignedClientIdentifier, 'id')
  assert.equal(packet.properties?.receiveMaximum, 10)
})

test('CONNACKs that are kept for the next client are never taken for one another, however many there are', () => {
  const connacks = Array.from({ length: 2 * CONNACKS_KEPT }, (_, place) => ({
    sessionPresent: place % 2 === 0,
    version: place % 3 === 0 ? (4 as const) : (5 as const),
    reasonCode: 0,
    properties: { receiveMaximum: 1 + place, maximumQoS: place % 5 === 0 ? 1 : undefined },
  }))
  for (const connack of [...connacks, ...connacks.slice(-CONNACKS_KEPT), ...connacks]) {
    const { version, sessionPresent, properties } = connack
    const packet = foreignPacketOf(
      'connack',
      written((sink) => writeConnack(sink, connack)),
      version,
    )
    assert.equal(packet.sessionPresent, sessionPresent)
    const told = version === 5 ? [properties.receiveMaximum, properties.maximumQoS] : [undefined, undefined]
    assert.deepEqual([packet.properties?.receiveMaximum, packet.properties?.maximumQoS], told)
  }
})

test('user properties keep their order, and those that come twice [MQTT-3.1.3-10]', () => {
  for (const write of [
    (sink: ByteSink) =>
      writeConnack(sink, {
        sessionPresent: false,
        reasonCode: 0,
        version: 5,
        properties: { userProperties: PAIRS },
      }),
    (sink: ByteSink) => writeSuback(sink, 1, [0], 5, undefined, PAIRS),
    (sink: ByteSink) => writeUnsuback(sink, 1, [0], 5, undefined, PAIRS),
    (sink: ByteSink) => writeDisconnect(sink, 0, 5, { userProperties: PAIRS }),
    (sink: ByteSink) => writeAuth(sink, 0x18, { authenticationMethod: 'm', userProperties: PAIRS }),
  ]) {
    assert.ok(written(write).includes(PAIR_BYTES))
  }
})

test('what only explains is left out where the packet would be too large for the client', () => {
  const reason = 'r'.repeat(50)
  const pairs = [['n', 'v'.repeat(50)]] as const
  for (const write of [
    (sink: ByteSink, most: number) => {
      const properties = { reasonString: reason, userProperties: pairs }
      const refusal = { sessionPresent: false, reasonCode: 0x87, version: 5, properties } as const
      writeConnack(sink, { ...refusal, maximumPacketSize: most })
    },
    (sink: ByteSink, most: number) => writeRefusedPublish(sink, 1, 1, 0x87, reason, pairs, most),
    (sink: ByteSink, most: number) => writeSuback(sink, 1, [0x87], 5, reason, pairs, most),
    (sink: ByteSink, most: number) => writeUnsuback(sink, 1, [0x87], 5, reason, pairs, most),
    (sink: ByteSink, most: number) =>
      writeDisconnect(sink, 0x87, 5, { reasonString: reason, userProperties: pairs }, most),
  ]) {
    for (const [most, hasReason, hasPairs] of [
      [200, true, true],
      [100, true, false],
      [50, false, false],
    ] as const) {
      const bytes = written((sink) => write(sink, most))
      assert.ok(bytes.length <= most)
      assert.equal(bytes.includes(reason), hasReason)
      assert.equal(bytes.includes('vvv'), hasPairs)
    }
  }
})

test('[MQTT-3.1.2-24] a packet that is too large for the client however little it says is not written', () => {
  const codes = new Array<number>(20).fill(0)
  const data = Buffer.alloc(20)
  const connack = { sessionPresent: false, reasonCode: 0, version: 5 } as const
  for (const write of [
    (sink: ByteSink, maximumPacketSize: number) => {
      const properties = { maximumPacketSize: 1000, receiveMaximum: 10, topicAliasMaximum: 5 }
      return writeConnack(sink, { ...connack, properties, maximumPacketSize })
    },
    (sink: ByteSink, maximumPacketSize: number) => {
      const properties = { assignedClientIdentifier: 'named' }
      return writeConnack(sink, { ...connack, properties, maximumPacketSize })
    },
    (sink: ByteSink, most: number) => writeSuback(sink, 1, codes, 5, 'why', PAIRS, most),
    (sink: ByteSink, most: number) => writeUnsuback(sink, 1, codes, 5, 'why', PAIRS, most),
    (sink: ByteSink, most: number) => {
      return writeAuth(sink, 0x18, { authenticationMethod: 'm', authenticationData: data }, most)
    },
  ]) {
    const sink = new ByteSink(1)
    assert.equal(write(sink, 12), false)
    assert.equal(sink.length, 0)
    assert.equal(write(sink, 40), true)
    assert.ok(sink.length > 12 && sink.length <= 40)
  }
})

for (const [what, connack, expected] of [
  ['of MQTT 3.1.1', { sessionPresent: true, reasonCode: 0, version: 4 }, '20020100'],
  [
    'of MQTT 3.1, which knows no session present flag',
    { sessionPresent: true, reasonCode: 0, version: 3 },
    '20020000',
  ],
  ['that refuses with a return code', { sessionPresent: false, reasonCode: 0x86, version: 4 }, '20020004'],
  [
    'that refuses has session present 0 [MQTT-3.2.2-6]',
    { sessionPresent: true, reasonCode: 0x87, version: 5 },
    '2003008700',
  ],
] as const) {
  test(`a CONNACK ${what} is ${expected}`, () => {
    assert.equal(written((sink) => writeConnack(sink, connack)).toString('hex'), expected)
  })
}

for (const [qos, cmd] of [
  [1, 'puback'],
  [2, 'pubrec'],
] as const) {
  test(`a ${cmd.toUpperCase()} that refuses carries its code, reason string and user properties`, () => {
    const bytes = written((sink) =>
      writeRefusedPublish(sink, qos, 7, ReasonCode.notAuthorized, 'no', [['to', 'whom']]),
    )
    const packet = foreignPacketOf(cmd, bytes, 5)
    assert.equal(packet.messageId, 7)
    assert.equal(packet.reasonCode, ReasonCode.notAuthorized)
    assert.equal(packet.properties?.reasonString, 'no')
    assert.deepEqual({ ...packet.properties?.userProperties }, { to: 'whom' })
  })
}

test('a SUBACK of MQTT 3.1.1 knows one failure [MQTT-3.9.3-2]', () => {
  const bytes = written((sink) => writeSuback(sink, 1, [0, 1, 2, ReasonCode.notAuthorized], 4, 'unheard'))
  assert.deepEqual(bytes, hex('90 06 0001 00 01 02 80'))
})

test('a SUBACK of MQTT 5.0 carries every code and the reason string', () => {
  const bytes = written((sink) => writeSuback(sink, 1, [2, ReasonCode.notAuthorized], 5, 'no'))
  assert.deepEqual(bytes, hex("90 0a 0001 05 1f 0002 'no' 02 87"))
})

test('an UNSUBACK has codes in MQTT 5.0 only', () => {
  assert.deepEqual(
    written((sink) => writeUnsuback(sink, 1, [0, 0x11], 5)),
    hex('b0 05 0001 00 00 11'),
  )
  assert.deepEqual(
    written((sink) => writeUnsuback(sink, 1, [0, 0x11], 4)),
    hex('b0 02 0001'),
  )
})

test('a DISCONNECT is written in MQTT 5.0 only [MQTT-3.14.0-1]', () => {
  const details = { reasonString: 'bye', serverReference: 'other' }
  const bytes = written((sink) => writeDisconnect(sink, ReasonCode.serverMoved, 5, details))
  const packet = foreignPacketOf('disconnect', bytes, 5)
  assert.equal(packet.reasonCode, ReasonCode.serverMoved)
  assert.deepEqual({ ...packet.properties }, details)
  assert.equal(written((sink) => writeDisconnect(sink, ReasonCode.serverMoved, 4)).length, 0)
})

test('an AUTH carries its method and data', () => {
  const details = { authenticationMethod: 'm', authenticationData: Buffer.from('d') }
  const packet = foreignPacketOf(
    'auth',
    written((sink) => writeAuth(sink, ReasonCode.continueAuthentication, details)),
    5,
  )
  assert.equal(packet.reasonCode, ReasonCode.continueAuthentication)
  assert.deepEqual({ ...packet.properties }, details)
})

test('a PINGRESP is two bytes [MQTT-3.12.4-1]', () => {
  assert.deepEqual(written(writePingresp), hex('d000'))
})

test('a string that its length field cannot hold is our bug, and no corrupt packet', () => {
  const sink = new ByteSink(1)
  const long = 'x'.repeat(65_536)
  assert.throws(() => writeDisconnect(sink, 0x80, 5, { reasonString: long }), /broken invariant/)
  assert.throws(() => writeDisconnect(sink, 0x80, 5, { userProperties: [['n', long]] }), /broken invariant/)
  assert.equal(sink.length, 0)
})

test('the library is not to make a table of all numbers with the first packet', () => {
  assert.equal(writeToStream.cacheNumbers, false)
})
