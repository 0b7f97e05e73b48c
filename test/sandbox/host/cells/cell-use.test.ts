import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CellUse } from '../../../../sandbox/host/cells/cell-use.ts'
import { CELL_USE_HALVES_MS } from '../../../../sandbox/limits.ts'

test('use adds up, and counts half after a while', () => {
  const use = new CellUse(0)
  assert.equal(use.at(0), 0)
  use.worked(100, 0)
  use.worked(60, CELL_USE_HALVES_MS)
  assert.equal(use.at(CELL_USE_HALVES_MS), 110)
  assert.equal(use.at(2 * CELL_USE_HALVES_MS), 55)
})

test('who works more of the same time has more use, and looking changes nothing', () => {
  const work = fc.record({ waitMs: fc.nat(20_000), ms: fc.nat(500), more: fc.integer({ min: 1, max: 500 }) })
  fc.assert(
    fc.property(fc.array(work, { minLength: 1 }), (steps) => {
      const [polite, greedy] = [new CellUse(0), new CellUse(0)]
      let now = 0
      for (const { waitMs, ms, more } of steps) {
        now += waitMs
        polite.worked(ms, now)
        greedy.worked(ms + more, now)
        polite.at(now + 1)
      }
      assert.ok(greedy.at(now) > polite.at(now))
      assert.equal(polite.at(now + 5), polite.at(now + 5))
    }),
  )
})
