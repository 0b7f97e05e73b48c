import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonNestsTooDeep } from '../../../sandbox/bundle/json-depth.ts'
import { BUNDLE_FILE_DEPTH } from '../../../sandbox/limits.ts'

test('as many levels as a bundle may have are let through, and one more is not', () => {
  assert.equal(jsonNestsTooDeep('['.repeat(BUNDLE_FILE_DEPTH)), false)
  assert.equal(jsonNestsTooDeep('{"a":'.repeat(BUNDLE_FILE_DEPTH + 1)), true)
})

test('three million brackets are found in no time, whatever stands between them', () => {
  assert.equal(jsonNestsTooDeep('['.repeat(3e6)), true)
  assert.equal(jsonNestsTooDeep(`"${'\\"['.repeat(1e6)}"`), false)
})

test('brackets within strings do not count, however they are written', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(100), (text, count) => {
      assert.equal(jsonNestsTooDeep(JSON.stringify({ code: text + '[{'.repeat(count) })), false)
    }),
  )
})
