import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fitting } from '../../../../sandbox/host/capabilities/fitting.ts'
import { LIST_CHARS } from '../../../../sandbox/limits.ts'

test('a list is cut where one answer holds no more, and never to nothing', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: LIST_CHARS }), { maxLength: 12 })
  fc.assert(
    fc.property(sizes, (chars) => {
      const entries = chars.map((size) => 'x'.repeat(size))
      const kept = fitting(entries)
      assert.deepEqual(kept, entries.slice(0, kept.length))
      if (kept.length > 1) assert.ok(JSON.stringify(kept).length <= LIST_CHARS)
      if (kept.length < entries.length) {
        assert.ok(kept.length > 0)
        assert.ok(JSON.stringify(entries.slice(0, kept.length + 1)).length > LIST_CHARS)
      }
    }),
    { numRuns: 50, examples: [[[2, LIST_CHARS - 9]]] },
  )
})

test('what one answer holds is left as it is', () => {
  const entries = [{ a: 1 }, { b: 2 }]
  assert.equal(fitting(entries), entries)
  assert.deepEqual(fitting([]), [])
})
