import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'
import type { DisconnectPacket, Refusal } from '../../../src/codec/packets.ts'
import { parseDisconnect } from '../../../src/codec/parse-disconnect.ts'
import { seconds, text, userProperties } from './arbitrary.ts'
import { foreignBytes, frameOf, hex, ordered } from './framed.ts'

function parse(frame: Buffer, protocol: ProtocolVersion): DisconnectPacket | Refusal {
  const { buffer, firstByte, start, body, end } = frameOf(frame)
  return parseDisconnect(buffer, firstByte, start, body, end, protocol)
}

test('any valid DISCONNECT is read as the foreign library wrote it', () => {
  const details = fc.record(
    { sessionExpiryInterval: seconds, reasonString: text },
    { requiredKeys: [], noNullPrototype: true },
  )
  fc.assert(
    fc.property(
      fc.constantFrom(0x00, 0x04, 0x80, 0x99),
      details,
      userProperties,
      (reasonCode, given, pairs) => {
        const properties = { ...given, ...ordered(pairs) }
        const { sessionExpiryInterval, ...reason } = given
        assert.deepEqual(parse(foreignBytes({ cmd: 'disconnect', reasonCode, properties }, 5), 5), {
          reasonCode,
          ...reason,
          ...(sessionExpiryInterval !== undefined && { sessionExpirySec: sessionExpiryInterval }),
          userProperties: pairs,
        })
      },
    ),
  )
})

for (const [what, written, reasonCode] of [
  ['without a body is a normal disconnection', 'e0 00', 0],
  ['may end behind its reason code', 'e0 01 04', 4],
] as const) {
  test(`a DISCONNECT ${what}`, () => {
    assert.deepEqual(parse(hex(written), 5), { reasonCode, userProperties: [] })
  })
}

test('a DISCONNECT before MQTT 5.0 has no body', () => {
  assert.deepEqual(parse(hex('e0 00'), 4), { reasonCode: 0, userProperties: [] })
  assert.ok('refused' in parse(hex('e0 01 00'), 4))
})
