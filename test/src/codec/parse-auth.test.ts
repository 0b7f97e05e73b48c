import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseAuth } from '../../../src/codec/parse-auth.ts'
import { bytes, text, userProperties } from './arbitrary.ts'
import { foreignBytes, frameOf, hex, ordered } from './framed.ts'

test('any valid AUTH is read as the foreign library wrote it', () => {
  const details = fc.record(
    { authenticationMethod: text, authenticationData: bytes, reasonString: text },
    { requiredKeys: [], noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.constantFrom(0x18, 0x19), details, userProperties, (reasonCode, given, pairs) => {
      const properties = { ...given, ...ordered(pairs) }
      const { buffer, firstByte, start, body, end } = frameOf(
        foreignBytes({ cmd: 'auth', reasonCode, properties }, 5),
      )
      assert.deepEqual(parseAuth(buffer, firstByte, start, body, end, 5), {
        reasonCode,
        ...given,
        userProperties: pairs,
      })
    }),
  )
})

test('there is no AUTH before MQTT 5.0', () => {
  const { buffer, firstByte, start, body, end } = frameOf(hex('f0 02 18 00'))
  assert.ok('refused' in parseAuth(buffer, firstByte, start, body, end, 4))
})
