import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connackReturnCode } from '../../../src/codec/connack-return-code.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'

for (const [reason, returnCode] of [
  ['success', 0],
  ['unsupportedProtocolVersion', 1],
  ['clientIdentifierNotValid', 2],
  ['serverUnavailable', 3],
  ['serverBusy', 3],
  ['badUserNameOrPassword', 4],
  ['notAuthorized', 5],
  ['banned', 5],
] as const) {
  test(`${reason} is return code ${returnCode} before MQTT 5.0`, () => {
    assert.equal(connackReturnCode(ReasonCode[reason]), returnCode)
  })
}

test('no failure is told to a client of MQTT 3.x as success', () => {
  for (const code of Object.values(ReasonCode).filter((value) => value >= 0x80)) {
    assert.ok(connackReturnCode(code) > 0)
  }
})
