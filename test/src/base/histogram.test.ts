import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Histogram } from '../../../src/base/histogram.ts'

test('each value counts at the first bound that is not below it, or beside them all', () => {
  const histogram = new Histogram([1, 10])
  for (const value of [0, 1, 1.5, 10, 10.5]) histogram.observe(value)
  assert.deepEqual([histogram.counts, histogram.sum, histogram.count], [[2, 2, 1], 23, 5])
})

test('two that are added count as one that saw all values', () => {
  const values = fc.array(fc.nat(20))
  fc.assert(
    fc.property(values, values, (some, others) => {
      const [one, other, all] = [0, 0, 0].map(() => new Histogram([2, 5, 11])) as [
        Histogram,
        Histogram,
        Histogram,
      ]
      for (const value of some) one.observe(value)
      for (const value of others) other.observe(value)
      for (const value of [...some, ...others]) all.observe(value)
      assert.deepEqual(one.add(other), all)
    }),
  )
})
