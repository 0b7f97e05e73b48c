import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HASHED_CHARS } from '../../../src/base/limits.ts'
import { mapKey } from '../../../src/base/map-key.ts'

test('a text that V8 hashes is its own key; a longer one has a short key that no other text has', () => {
  const longest = 'x'.repeat(HASHED_CHARS)
  assert.equal(mapKey(longest), longest)
  const keys = ['y', 'z', 'é'].map((end) => mapKey(longest + end))
  assert.equal(new Set(keys).size, 3)
  for (const key of keys) assert.ok(key.startsWith('\u0000') && key.length < 100)
})

test('two texts of a topic have one key only if they are one text: look-alikes, NFC and NFD, case, digests', () => {
  const ending = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('é', 'e\u0301', 'а', 'a', 'A', '/', '%2F', '／', ''),
  )
  const text = fc
    .tuple(fc.constantFrom('', 'x'.repeat(HASHED_CHARS - 1), 'x'.repeat(HASHED_CHARS)), ending)
    .map((parts) => parts.join(''))
    .filter((topic) => !topic.includes('\u0000'))
  fc.assert(fc.property(text, text, (one, other) => (mapKey(one) === mapKey(other)) === (one === other)))
})
