import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { binaryBytes, binaryText } from '../../../sandbox/globals/binary-text.ts'

test('bytes become characters and bytes again, however many there are', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.equal(binaryText(bytes), Buffer.from(bytes).toString('latin1'))
      assert.deepEqual(binaryBytes(binaryText(bytes)), bytes)
    }),
  )
  const many = new Uint8Array(300_000).fill(0xe9)
  assert.equal(binaryText(many), 'é'.repeat(300_000))
})
