import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Reconnect, type RetryPolicy } from '../../../src/client/reconnect.ts'

function waits(policy: RetryPolicy | undefined, attempts: number, standsFirst = false): number[] {
  const reconnect = new Reconnect(policy)
  if (standsFirst) reconnect.stands()
  return Array.from({ length: attempts }, () => {
    const { waitMs } = reconnect
    reconnect.attempt()
    return waitMs
  })
}

it('the waits double up to the longest, and end with the last retry', () => {
  const policy = { retries: 5, maxIntervalMs: 5000, fromStart: true }
  assert.deepEqual(waits(policy, 7), [1000, 2000, 4000, 5000, 5000, 0, 0])
})

it('there is no end to retries without number, and no wait too long for a timer', () => {
  const policy = { retries: Number.POSITIVE_INFINITY, maxIntervalMs: 86_400_000, fromStart: true }
  assert.equal(waits(policy, 5000).at(-1), 86_400_000)
})

it('without a policy there is none', () => {
  assert.deepEqual(waits(undefined, 2, true), [0, 0])
})

it('a first connection is tried again only where that is wanted, one that stood always', () => {
  const policy = { retries: 1, maxIntervalMs: 5000, fromStart: false }
  assert.deepEqual(waits(policy, 2), [0, 0])
  assert.deepEqual(waits(policy, 2, true), [1000, 0])
})

it('what stood is counted anew', () => {
  const reconnect = new Reconnect({ retries: 1, maxIntervalMs: 5000, fromStart: true })
  reconnect.attempt()
  assert.equal(reconnect.waitMs, 0)
  reconnect.stands()
  assert.equal(reconnect.waitMs, 1000)
})
