import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIRST_BYTE_REFUSALS } from '../../../src/codec/first-byte.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'

const PUBLISHES = [0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x3a, 0x3b, 0x3c, 0x3d]
const OTHERS = [0x10, 0x40, 0x50, 0x62, 0x70, 0x82, 0xa2, 0xc0, 0xe0, 0xf0]

test('a client can begin a packet with these 20 bytes and no others [MQTT-2.1.3-1]', () => {
  const accepted = [...FIRST_BYTE_REFUSALS.keys()].filter((byte) => FIRST_BYTE_REFUSALS[byte] === 0)
  assert.deepEqual(
    accepted,
    [...PUBLISHES, ...OTHERS].toSorted((a, b) => a - b),
  )
})

for (const [what, byte, reason] of [
  ['the reserved packet type 0', 0x00, 'protocolError'],
  ['a PUBLISH with QoS 3 [MQTT-3.3.1-4]', 0x36, 'malformedPacket'],
  ['a PUBLISH with DUP and QoS 0 [MQTT-3.3.1-2]', 0x38, 'malformedPacket'],
  ['a PUBREL without its flag [MQTT-3.6.1-1]', 0x60, 'protocolError'],
  ['a SUBSCRIBE without its flag [MQTT-3.8.1-1]', 0x80, 'malformedPacket'],
  ['a CONNACK, which only a server sends', 0x20, 'protocolError'],
  ['a SUBACK with flags', 0x92, 'malformedPacket'],
] as const) {
  test(`${what} is refused as ${reason}`, () => {
    assert.equal(FIRST_BYTE_REFUSALS[byte], ReasonCode[reason])
  })
}
