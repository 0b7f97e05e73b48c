import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AnswerSize } from '../../../src/sources/answer-size.ts'

const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
const row = fc.dictionary(fc.string({ unit: 'grapheme-ascii' }), value, { maxKeys: 8 })

test('what fits by its count fits as JSON, and what does not is not far from it', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), fc.integer({ min: 2, max: 2000 }), (rows, most) => {
      const size = new AnswerSize(1000, most)
      const fits = rows.every((each) => size.add(each))
      // escapes make text longer; the power's own bound is for what they add
      const plain = JSON.stringify(rows).replaceAll(/\\u[0-9a-f]{4}|\\./g, '_').length
      assert.ok(fits ? plain <= most : JSON.stringify(rows).length * 3 + 2 >= most)
    }),
  )
})

test('items are counted, and bytes are measured as the base64 that they cross in', () => {
  const two = new AnswerSize(2, 1000)
  assert.deepEqual([two.add({}), two.add({}), two.add({})], [true, true, false])
  assert.equal(new AnswerSize(1, 1300).add({ raw: new Uint8Array(1000) }), false)
  assert.equal(new AnswerSize(1, 1400).add({ raw: new Uint8Array(1000) }), true)
})
