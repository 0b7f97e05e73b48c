import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TurnBudget } from '../../../src/base/turn-budget.ts'

test('what is spent comes back with the next turn, and not before', async () => {
  const budget = new TurnBudget(2)
  assert.deepEqual([budget.take(1), budget.take(1), budget.take(1)], [true, true, false])
  await nextTurn()
  assert.equal(budget.take(1), true)
})

test('the first of a turn is done whatever it costs, and nothing after it', async () => {
  const budget = new TurnBudget(2)
  assert.deepEqual([budget.take(100), budget.take(1)], [true, false])
  await nextTurn()
  assert.equal(budget.take(1), true)
})
