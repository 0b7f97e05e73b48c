import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes } from '../../../sandbox/guest/byte-fields.ts'

test('text crosses as it is, bytes as base64, nothing not at all; anything else is refused', () => {
  assert.deepEqual(bytes('data', 'x'), { data: 'x' })
  assert.deepEqual(bytes('data', new Uint8Array([0, 255])), { data64: 'AP8=' })
  assert.deepEqual(bytes('data', undefined), {})
  for (const wrong of [7, null, {}, [1]]) assert.throws(() => bytes('data', wrong), { code: 'invalid' })
})
