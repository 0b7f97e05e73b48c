import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HASHED_CHARS } from '../../../src/base/limits.ts'
import { mapKey } from '../../../src/base/map-key.ts'

test('a text that V8 hashes is its own key; a longer one has a short key that no other text has', () => {
  const longest = 'x'.repeat(HASHED_CHARS)
  assert.equal(mapKey(longest), longest)
  const keys = ['y', 'z', 'é'].map((end) => mapKey(longest + end))
  assert.equal(new Set(keys).size, 3)
  for (const key of keys) assert.ok(key.startsWith('\u0000') && key.length < 100)
})
