import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PerSecond } from '../../../sandbox/host/per-second.ts'

test('so many pass in a second, and as many again in the next', () => {
  const budget = new PerSecond(2)
  assert.deepEqual(
    [1000, 1001, 1999, 2000, 2000, 2000].map((now) => budget.spend(now)),
    [true, true, false, true, true, false],
  )
})
