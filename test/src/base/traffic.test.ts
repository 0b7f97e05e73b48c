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

test('how long they have been here is of all of them together, and of those who have left', (context) => {
  let now = 1000
  context.mock.method(performance, 'now', () => now)
  const clients = new Headcount()
  clients.came()
  now += 100
  clients.came()
  now += 50
  assert.equal(clients.stayedMs, 200)
  clients.left()
  now += 7
  clients.left()
  now += 1000
  assert.equal(clients.stayedMs, 207)
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
