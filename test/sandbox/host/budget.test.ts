import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Budget } from '../../../sandbox/host/budget.ts'

test('a budget refills by the time, up to its bound', () => {
  const budget = new Budget(10, 0.5, 0)
  budget.spend(8, 0)
  assert.equal(budget.balance(0), 2)
  assert.equal(budget.balance(4), 4)
  assert.equal(budget.balance(1000), 10)
})

test('what is spent above it is owed, and says when it will be there again', () => {
  const budget = new Budget(1, 0.1, 0)
  budget.spend(3, 0)
  assert.equal(budget.balance(0), -2)
  assert.equal(budget.msUntil(1, 0), 30)
  assert.equal(budget.msUntil(1, 30), 0)
})

test('what is restored is there again, and never more than there may be', () => {
  const budget = new Budget(10, 0, 0)
  budget.spend(4, 0)
  budget.restore(1, 0)
  assert.equal(budget.balance(0), 7)
  budget.restore(100, 0)
  assert.equal(budget.balance(0), 10)
})

test('in the long run nobody spends more than the bound and what has refilled', () => {
  const step = fc.record({ waitMs: fc.nat(100), wanted: fc.integer({ min: 1, max: 20 }) })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const budget = new Budget(20, 0.25, 0)
      let [now, spent] = [0, 0]
      for (const { waitMs, wanted } of steps) {
        now += waitMs
        if (budget.msUntil(wanted, now) > 0) continue
        budget.spend(wanted, now)
        spent += wanted
      }
      assert.ok(spent <= 20 + now * 0.25)
    }),
  )
})
