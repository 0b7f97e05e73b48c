import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sample } from '../../../src/observe/sample.ts'

test('so many a second are let through, and the next one says how many were left out', () => {
  const sample = new Sample(2, 0)
  assert.deepEqual(
    [0, 0, 0, 0].map((now) => sample.take(now)),
    [0, 0, null, null],
  )
  assert.equal(sample.take(500), 2)
  assert.equal(sample.take(1000), 0)
})
