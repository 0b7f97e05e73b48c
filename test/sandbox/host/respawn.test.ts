import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Respawn } from '../../../sandbox/host/respawn.ts'

test('the first respawn is at once; a cell that keeps dying waits from 1 s, doubling, up to 60 s', () => {
  const respawn = new Respawn()
  let now = 1000
  const delays = Array.from({ length: 9 }, () => {
    const delayMs = respawn.failed(now)
    now += delayMs + 100
    return delayMs
  })
  assert.deepEqual(delays, [0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
})

test('a cell that lived for more than a minute is started at once again', () => {
  const respawn = new Respawn()
  respawn.failed(0)
  assert.equal(respawn.failed(100), 1000)
  assert.equal(respawn.failed(100 + 1000 + 60_001), 0)
})
