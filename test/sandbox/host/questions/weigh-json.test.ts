import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseWeighed } from '../../../../sandbox/host/questions/weigh-json.ts'
import { WEIGHED_CHARS } from '../../../../sandbox/limits.ts'

/** What begins, or separates, values and keys, counted on what was parsed. */
function partsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const each = Object.values(value).reduce((sum: number, item) => sum + partsOf(item), 0)
  const count = Object.keys(value).length
  return each + 1 + Math.max(0, count - 1) + (Array.isArray(value) ? 0 : count)
}

test('a text passes if and only if it has no more parts than it may', () => {
  const value = fc.oneof(fc.jsonValue(), fc.array(fc.string({ unit: fc.constantFrom('"', '\\', ',', '[') })))
  fc.assert(
    fc.property(fc.array(value, { maxLength: 8 }), fc.nat(64), (values, most) => {
      // padded, so that it is weighed at all
      const whole = [...values, '\\"'.repeat(WEIGHED_CHARS)]
      const text = JSON.stringify(whole)
      const parsed = parseWeighed(text, most)
      if (partsOf(whole) > most) assert.equal(parsed, undefined)
      else assert.deepEqual(parsed, JSON.parse(text))
    }),
  )
})

test('long strings weigh nothing, whatever stands in them', () => {
  const text = JSON.stringify({ payload64: '[{,:'.repeat(100_000) })
  assert.deepEqual(parseWeighed(text, 2), JSON.parse(text))
})

test('what is no JSON is refused like what is too much, and weighing it does not throw', () => {
  const long = ' '.repeat(WEIGHED_CHARS)
  for (const text of ['', '{', '"', `"${long}`, `"\\${long}\\`, `[${long}`, '['.repeat(2_000_000)]) {
    assert.equal(parseWeighed(text, 1000), undefined)
  }
  fc.assert(fc.property(fc.string(), (text) => void parseWeighed(long + text, 10)))
})
