import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Headcount, Traffic } from '../../../src/base/traffic.ts'

test('sums are of every counter', () => {
  const one = new Traffic()
  for (const [place, key] of Object.keys(one).entries()) Object.assign(one, { [key]: place + 1 })
  const sum = new Traffic().add(one).add(one)
  assert.deepEqual(
    Object.values(sum),
    Object.values(one).map((count) => count * 2),
  )
})

test('the most that were here at a time stay known when they have left', () => {
  const clients = new Headcount()
  clients.came()
  clients.came()
  clients.left()
  clients.came()
  clients.left()
  assert.deepEqual([clients.now, clients.most], [1, 2])
})
