import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteSink } from '../../../src/base/byte-sink.ts'
import { AckView, walkAck, writeAck } from '../../../src/codec/ack-view.ts'
import { PacketType, type ProtocolVersion } from '../../../src/codec/packet-type.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import { packetId, text, userProperties, version } from './arbitrary.ts'
import { foreignBytes, foreignPacketOf, frameOf, hex, ordered } from './framed.ts'

const ACKS = ['puback', 'pubrec', 'pubrel', 'pubcomp'] as const
const TYPES = {
  puback: PacketType.PUBACK,
  pubrec: PacketType.PUBREC,
  pubrel: PacketType.PUBREL,
  pubcomp: PacketType.PUBCOMP,
} as const
const ack = fc.constantFrom(...ACKS)

function walk(
  frame: Buffer,
  protocol: ProtocolVersion,
): [refusal: number, packetId: number, reasonCode: number] {
  const view = new AckView()
  const framed = frameOf(frame)
  const refusal = walkAck(view, framed.buffer, framed.firstByte, framed.body, framed.end, protocol)
  return [refusal, view.packetId, view.reasonCode]
}

function written(type: number, reasonCode: number, protocol: ProtocolVersion): Buffer {
  const sink = new ByteSink(1)
  writeAck(sink, type, 0x1234, reasonCode, protocol)
  return sink.bytes.subarray(0, sink.length)
}

test('any valid acknowledgement is read as the foreign library wrote it', () => {
  const reasonCode = fc.constantFrom(
    ReasonCode.success,
    ReasonCode.unspecifiedError,
    ReasonCode.quotaExceeded,
  )
  fc.assert(
    fc.property(
      ack,
      packetId,
      reasonCode,
      text,
      userProperties,
      version,
      (cmd, id, code, reasonString, pairs, v) => {
        const legal = cmd === 'puback' || cmd === 'pubrec' ? code : ReasonCode.success
        const properties = { reasonString, ...ordered(pairs) }
        const bare = foreignBytes({ cmd, messageId: id, reasonCode: legal }, v)
        const full = foreignBytes({ cmd, messageId: id, reasonCode: legal, properties }, v)
        assert.deepEqual(walk(bare, v), [0, id, v === 5 ? legal : 0])
        assert.deepEqual(walk(full, v), [0, id, v === 5 ? legal : 0])
      },
    ),
  )
})

test('any acknowledgement that is written is read by the foreign library', () => {
  fc.assert(
    fc.property(ack, version, fc.boolean(), (cmd, v, fails) => {
      const code = fails ? ReasonCode.packetIdentifierNotFound : ReasonCode.success
      const legal = cmd === 'pubrel' || cmd === 'pubcomp' ? code : ReasonCode.success
      const packet = foreignPacketOf(cmd, written(TYPES[cmd], legal, v), v)
      assert.equal(packet.messageId, 0x1234)
      if (v === 5) assert.equal(packet.reasonCode ?? 0, legal)
    }),
  )
})

for (const [what, bytes, expected] of [
  ['a PUBACK with code 0', written(PacketType.PUBACK, 0, 5), '40021234'],
  ['a PUBREL, which has flags [MQTT-3.6.1-1]', written(PacketType.PUBREL, 0, 5), '62021234'],
  ['a PUBACK with a failure', written(PacketType.PUBACK, 0x87, 5), '4003123487'],
  ['a PUBACK with a failure before MQTT 5.0', written(PacketType.PUBACK, 0x87, 4), '40021234'],
] as const) {
  test(`${what} is written in its shortest form`, () => {
    assert.equal(bytes.toString('hex'), expected)
  })
}

test('a code with an empty property length is the same as one without', () => {
  assert.deepEqual(walk(hex('40 03 0001 10'), 5), walk(hex('40 04 0001 10 00'), 5))
})
