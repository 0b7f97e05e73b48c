import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connackReasonCode } from '../../../src/codec/connack-reason-code.ts'
import { connackReturnCode } from '../../../src/codec/connack-return-code.ts'
import { PacketType } from '../../../src/codec/packet-type.ts'
import { ReasonCode, serverMaySend } from '../../../src/codec/reason-code.ts'

test('[MQTT-3.2.2-8] whatever the reason, CONNACK carries a code that it may carry, and refuses', () => {
  for (const code of Object.values(ReasonCode).filter((each) => each >= 0x80)) {
    const told = connackReasonCode(code)
    assert.ok(told >= 0x80 && serverMaySend(PacketType.CONNACK, told))
    if (serverMaySend(PacketType.CONNACK, code)) assert.equal(told, code)
  }
})

for (const [reason, told, before] of [
  ['serverShuttingDown', 0x88, 3],
  ['messageRateTooHigh', 0x9f, 3],
  ['administrativeAction', 0x87, 5],
  ['maximumConnectTime', 0x87, 5],
  ['keepAliveTimeout', 0x80, 5],
] as const) {
  test(`${reason} becomes 0x${told.toString(16)}, and return code ${before} before MQTT 5.0`, () => {
    assert.equal(connackReasonCode(ReasonCode[reason]), told)
    assert.equal(connackReturnCode(told), before)
  })
}
