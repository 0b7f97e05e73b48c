import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Strikes } from '../../../../sandbox/host/plugins/strikes.ts'
import {
  BLOCK_MS,
  PROBATION_MS,
  QUARANTINE_MS,
  STRIKE_SOURCES,
  STRIKE_WINDOW_MS,
  STRIKES,
} from '../../../../sandbox/limits.ts'

test('no sequence of strikes of one source quarantines the plugin', () => {
  const waits = fc.array(fc.nat(STRIKE_WINDOW_MS * 2), { maxLength: 60 })
  fc.assert(
    fc.property(waits, (waitsMs) => {
      const strikes = new Strikes()
      let now = 0
      for (const waitMs of waitsMs) {
        now += waitMs
        assert.notEqual(strikes.strike('alice', now), 'quarantined')
      }
    }),
  )
})

test('nor do two sources, however they take turns', () => {
  const turns = fc.array(fc.tuple(fc.constantFrom('alice', 'bob'), fc.nat(5000)), { maxLength: 60 })
  fc.assert(
    fc.property(turns, (steps) => {
      const strikes = new Strikes()
      let now = 0
      for (const [source, waitMs] of steps) {
        now += waitMs
        assert.notEqual(strikes.strike(source, now), 'quarantined')
      }
    }),
  )
})

test('three distinct sources within the window do, in any order and with any strikes between', () => {
  const three = fc.shuffledSubarray(['alice', 'bob', 'cy'], { minLength: 3 })
  const between = fc.array(fc.constantFrom('alice', 'bob'), { maxLength: 5 })
  fc.assert(
    fc.property(three, between, (sources, others) => {
      const strikes = new Strikes()
      const all = [...others, ...sources]
      const struck = all.map((source, at) => strikes.strike(source, at * 1000))
      assert.ok(struck.includes('quarantined'))
    }),
  )
})

test('sources that struck longer ago than the window do not count', () => {
  const strikes = new Strikes()
  strikes.strike('alice', 0)
  strikes.strike('bob', 1000)
  assert.equal(strikes.strike('cy', STRIKE_WINDOW_MS), 'counted')
})

test('three strikes without a client’s input quarantine it; two do not', () => {
  const strikes = new Strikes()
  const struck = [0, 1000, 2000].map((now) => strikes.strike('', now))
  assert.deepEqual(struck, ['counted', 'counted', 'quarantined'])
})

test('a source is blocked by its third strike, for twice as long each time, and only it', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const strikes = new Strikes()
  for (const times of [1, 2, 4]) {
    const struck = Array.from({ length: STRIKES }, () => strikes.strike('alice', now))
    assert.equal(struck.includes('blocked'), true)
    assert.deepEqual([strikes.isBlocked('alice'), strikes.isBlocked('bob')], [true, false])
    now += BLOCK_MS.first * times - 1
    assert.equal(strikes.isBlocked('alice'), true)
    now += 1
    assert.equal(strikes.isBlocked('alice'), false)
  }
})

test('a plugin comes back on probation: one strike sends it away for twice as long', () => {
  const strikes = new Strikes()
  let now = 1000
  for (const times of [1, 2, 4]) {
    const ms = strikes.quarantine(now)
    assert.equal(ms, QUARANTINE_MS.first * times)
    now += ms + PROBATION_MS - 1
    assert.equal(strikes.strike('alice', now), 'quarantined')
  }
  now += strikes.quarantine(now) + PROBATION_MS
  assert.equal(strikes.strike('alice', now), 'counted')
})

test('a record keeps so many sources, and forgets the one that struck longest ago', () => {
  const strikes = new Strikes()
  let now = 0
  const strike = (source: string): string => {
    now += STRIKE_WINDOW_MS
    return strikes.strike(source, now)
  }
  for (let source = 0; source < STRIKE_SOURCES * 2; source += 1) assert.equal(strike(`s${source}`), 'counted')
  assert.equal(strike('s0'), 'counted')
})

test('sources with long names are told apart, and are kept by their hash', (t) => {
  t.mock.method(performance, 'now', () => 1000)
  const strikes = new Strikes()
  const long = 'x'.repeat(60_000)
  for (let strike = 0; strike < STRIKES; strike += 1) strikes.strike(`${long}1`, 1000)
  assert.deepEqual([strikes.isBlocked(`${long}1`), strikes.isBlocked(`${long}2`)], [true, false])
})
