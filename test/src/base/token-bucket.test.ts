import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DEBT_MOST_SEC } from '../../../src/base/limits.ts'
import { TokenBucket } from '../../../src/base/token-bucket.ts'

const ROUNDING = 1e-6

test('at another rate, what was taken stays taken: who changes it often gains nothing', () => {
  const rates = fc.array(fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(Infinity)), { maxLength: 20 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), rates, (perSec, others) => {
      const bucket = new TokenBucket(perSec, 0)
      bucket.take(perSec, 0)
      for (const rate of others.filter(Number.isFinite)) bucket.become(rate, 0)
      bucket.become(perSec, 0)
      assert.equal(bucket.spend(1, 0), false)
      for (const rate of others) bucket.become(rate, 0)
      bucket.become(perSec, 0)
      // once it had no bound, it may be as full as a new one, and no fuller
      if (!others.includes(Infinity)) assert.equal(bucket.spend(1, 0), false)
      assert.equal(bucket.spend(perSec + 1, 0), false)
      bucket.become(2 * perSec, 1000)
      assert.equal(bucket.spend(2 * perSec + 1, 1000), false)
    }),
  )
})

test('who waits as told never takes more than the rate and the burst allow, whenever it asks', () => {
  const takes = fc.array(
    fc.record({ idleMs: fc.nat({ max: 3000 }), tokens: fc.integer({ min: 1, max: 300 }) }),
    { maxLength: 50 },
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), takes, (perSec, script) => {
      const bucket = new TokenBucket(perSec, 0)
      let now = 0
      let taken = 0
      for (const { idleMs, tokens } of script) {
        now += idleMs
        const waitMs = bucket.take(tokens, now)
        taken += tokens
        assert.ok(waitMs >= 0)
        now += waitMs
        // burst: a second's worth; by the end of the wait what was taken has been paid for
        assert.ok(taken <= perSec * (now / 1000) + perSec + ROUNDING)
      }
    }),
  )
})

test("no more than a second's worth is saved up, however long nothing was taken", () => {
  const bucket = new TokenBucket(10, 0)
  assert.equal(bucket.take(10, 3_600_000), 0)
  assert.equal(bucket.take(1, 3_600_000), 100)
})

test('the wait is no longer than the debt takes to pay', () => {
  const bucket = new TokenBucket(10, 0)
  assert.equal(bucket.take(10, 0), 0)
  assert.equal(bucket.take(5, 0), 500)
  assert.equal(bucket.take(5, 500), 500)
  assert.equal(bucket.take(0, 1000), 0)
})

test('a debt of a minute grows no more, however many take', () => {
  const bucket = new TokenBucket(10, 0)
  const waits = Array.from({ length: 1000 }, () => bucket.take(100, 0))
  const longestMs = Math.max(...waits)
  assert.ok(longestMs > DEBT_MOST_SEC * 1000 && longestMs <= (DEBT_MOST_SEC + 10) * 1000)
})

test('without a rate it is never empty', () => {
  const bucket = new TokenBucket(Number.POSITIVE_INFINITY)
  assert.equal(bucket.take(Number.MAX_SAFE_INTEGER), 0)
  assert.equal(bucket.take(Number.MAX_SAFE_INTEGER), 0)
})

test('at a rate of 0 there is no end to the wait', () => {
  assert.equal(new TokenBucket(0, 0).take(1, 1000), Number.POSITIVE_INFINITY)
})

test('what is spent is there: never a debt, and no more than the rate and the burst allow', () => {
  const spends = fc.array(
    fc.record({ idleMs: fc.nat({ max: 3000 }), tokens: fc.integer({ min: 1, max: 300 }) }),
    { maxLength: 50 },
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), spends, (perSec, script) => {
      const bucket = new TokenBucket(perSec, 0)
      let now = 0
      let spent = 0
      for (const { idleMs, tokens } of script) {
        now += idleMs
        if (bucket.spend(tokens, now)) spent += tokens
        assert.ok(spent <= perSec * (now / 1000) + perSec + ROUNDING)
        assert.equal(bucket.take(0, now), 0)
      }
    }),
  )
  assert.equal(new TokenBucket(Number.POSITIVE_INFINITY).spend(Number.MAX_SAFE_INTEGER), true)
})
