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

const LOOK_ALIKES = ['é', 'e\u0301', 'а', 'a', 'A', '/', '%2F', '／', '']

test('two texts have one key only if they are one text: look-alikes, NFC and NFD, case, separators', () => {
  const ending = fc.constantFrom(...LOOK_ALIKES)
  const start = fc.constantFrom(...[0, HASHED_CHARS - 1, HASHED_CHARS].map((length) => 'x'.repeat(length)))
  const pair = fc.tuple(start, ending, ending)
  fc.assert(
    fc.property(
      pair,
      ([same, one, other]) => (mapKey(same + one) === mapKey(same + other)) === (one === other),
    ),
    { numRuns: 1000 },
  )
})
