import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Doubling } from '../../../sandbox/host/doubling.ts'

const BOUNDS = { first: 10, last: 60 }

test('a time doubles while what it follows keeps happening, up to its bound', () => {
  const doubling = new Doubling(BOUNDS, 5)
  let now = 0
  const times = Array.from({ length: 5 }, () => {
    const ms = doubling.next(now)
    now += ms + 1
    return ms
  })
  assert.deepEqual(times, [10, 20, 40, 60, 60])
})

test('it starts over after a quiet time, and as long as the last one was', () => {
  const doubling = new Doubling(BOUNDS, 5)
  doubling.next(0)
  assert.equal(doubling.next(10 + 10 + 4), 20)
  assert.equal(doubling.next(24 + 20 + 20 + 5), 10)
})
