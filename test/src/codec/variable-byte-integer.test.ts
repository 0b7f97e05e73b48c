import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  readVariableByteInteger,
  VARIABLE_BYTE_INTEGER_MAX,
  variableByteIntegerSize,
  writeVariableByteInteger,
} from '../../../src/codec/variable-byte-integer.ts'

function encoded(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  return buffer.subarray(0, writeVariableByteInteger(buffer, 0, value))
}

for (const [value, hex] of [
  [0, '00'],
  [127, '7f'],
  [128, '8001'],
  [16_383, 'ff7f'],
  [16_384, '808001'],
  [2_097_151, 'ffff7f'],
  [2_097_152, '80808001'],
  [VARIABLE_BYTE_INTEGER_MAX, 'ffffff7f'],
] as const) {
  test(`${value} is ${hex}`, () => {
    assert.equal(encoded(value).toString('hex'), hex)
  })
}

test('what is written reads the same, and its size is the size of its value', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: VARIABLE_BYTE_INTEGER_MAX }), (value) => {
      const buffer = encoded(value)
      assert.equal(readVariableByteInteger(buffer, 0, buffer.length), value)
      assert.equal(buffer.length, variableByteIntegerSize(value))
    }),
  )
})

for (const [why, hex] of [
  ['is not in the shortest form [MQTT-1.5.5-1]', '8000'],
  ['is not in the shortest form with three bytes [MQTT-1.5.5-1]', 'ff8000'],
  ['has five bytes', '8080808001'],
  ['is cut short', '80'],
  ['is not there', ''],
] as const) {
  test(`an integer is refused that ${why}`, () => {
    const buffer = Buffer.from(hex, 'hex')
    assert.equal(readVariableByteInteger(buffer, 0, buffer.length), -1)
  })
}

test('an integer does not go on behind the end that is given', () => {
  assert.equal(readVariableByteInteger(Buffer.from('8001', 'hex'), 0, 1), -1)
})
