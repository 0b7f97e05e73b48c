import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeBase64,
  emptyRecord,
  indexInText,
  parseJson,
  sliceText,
  toJson,
  whenSettled,
} from '../../../sandbox/guest/primordials.ts'

function broken(): never {
  throw new Error('patched')
}

test('patching a prototype afterwards changes nothing', (t) => {
  t.mock.method(JSON, 'parse', broken)
  t.mock.method(JSON, 'stringify', broken)
  t.mock.method(String.prototype, 'slice', broken)
  t.mock.method(String.prototype, 'indexOf', broken)
  assert.deepEqual(parseJson('{"a":1}'), { a: 1 })
  assert.equal(toJson({ a: 1 }), '{"a":1}')
  assert.equal(sliceText('abc', 1), 'bc')
  assert.equal(indexInText('abc', 'c'), 2)
})

test('only native promises can be waited for', async () => {
  assert.equal(await new Promise((resolve) => whenSettled(Promise.resolve(7), resolve, resolve)), 7)
  const foreign = { then: (): void => assert.fail('it was called') }
  assert.throws(
    () =>
      whenSettled(
        foreign,
        () => assert.fail(),
        () => assert.fail(),
      ),
    TypeError,
  )
})

test('a record without a prototype has no keys of anybody else', () => {
  assert.equal(emptyRecord()['toString'], undefined)
})

test('base64 is read by the engine', () => {
  assert.deepEqual(decodeBase64('AP8='), new Uint8Array([0, 255]))
})
