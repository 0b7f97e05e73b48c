import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseArgument } from '../../../../sandbox/host/questions/parse-argument.ts'
import { JSON_PARTS } from '../../../../sandbox/limits.ts'

test('an argument is what its text says', () => {
  assert.deepEqual(parseArgument('{"op":"get","key":"a"}'), { op: 'get', key: 'a' })
})

test('one that is no JSON, or too much of it, is refused in words that the plugin reads', () => {
  for (const text of ['', '{', JSON.stringify(Array.from({ length: JSON_PARTS + 1 }, () => ({})))]) {
    assert.throws(() => parseArgument(text), { name: 'Refusal', code: 'invalid', message: /2048 parts/ })
  }
})
