import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CellUse } from '../../../../sandbox/host/cells/cell-use.ts'
import { politestFirst, type Resident, whoMakesRoom } from '../../../../sandbox/host/cells/make-room.ts'
import { CELL_REST_MS, CELL_TURN_MS, CELL_USE_POLITE_MS } from '../../../../sandbox/limits.ts'

const TURN = CELL_TURN_MS
const resident = (useMs: number, idleMs?: number, servedMs: number = TURN): Resident => ({
  useMs,
  idleMs,
  servedMs,
})

test('who was asked nothing for longest makes room, before anybody who works', () => {
  const longest = resident(500, TURN + 20)
  assert.equal(whoMakesRoom([resident(900), resident(700, TURN + 10), longest], 1), longest)
})

test('when nobody is idle the greediest makes room, if the one that waits is politer', () => {
  const greediest = resident(900)
  assert.equal(whoMakesRoom([resident(600), greediest], 10), greediest)
  assert.equal(whoMakesRoom([resident(600), greediest], 900), undefined)
})

test('a polite tenant that pauses for a moment keeps its cell, whoever waits beside a greedy one', () => {
  const greedy = resident(800)
  for (const waiterUseMs of [0, 700]) {
    assert.equal(whoMakesRoom([resident(3, TURN - 1), greedy], waiterUseMs), greedy)
  }
  assert.equal(whoMakesRoom([resident(3, CELL_REST_MS - 1), greedy], 700), greedy)
  const resting = resident(3, CELL_REST_MS)
  assert.equal(whoMakesRoom([resting, greedy], 700), resting)
})

test('of polite tenants the one that pauses for longest makes room for another polite one', () => {
  const longest = resident(3, 20)
  assert.equal(whoMakesRoom([resident(90, 10), longest, resident(50)], 0), longest)
  assert.equal(whoMakesRoom([resident(50)], 0), undefined)
})

test('who pauses for a moment keeps its cell while somebody who came a moment ago is not known yet', () => {
  const [pausing, newcomer] = [resident(3, 20), resident(0, undefined, TURN - 1)]
  assert.equal(whoMakesRoom([pausing, newcomer], 0), undefined)
  assert.equal(whoMakesRoom([pausing], 0), pausing)
})

const residents = fc.array(
  fc.record({
    servedMs: fc.nat(3 * CELL_TURN_MS),
    idleMs: fc.option(fc.nat(2 * CELL_REST_MS), { nil: undefined }),
    useMs: fc.nat(1000),
  }),
)

test('nobody makes room before its turn is over, nor works for a tenant as greedy as itself', () => {
  fc.assert(
    fc.property(residents, fc.nat(1000), (all, waiterUseMs) => {
      const chosen = whoMakesRoom(all, waiterUseMs)
      if (chosen === undefined) return
      assert.ok(chosen.servedMs >= CELL_TURN_MS)
      const isResting = (chosen.idleMs ?? 0) >= CELL_REST_MS
      const isPolite = waiterUseMs <= CELL_USE_POLITE_MS
      assert.ok(isResting || chosen.useMs >= waiterUseMs || (isPolite && chosen.idleMs !== undefined))
    }),
  )
})

test('who makes room for a greedy tenant does so for a politer one, and in any order of the cells', () => {
  fc.assert(
    fc.property(residents, fc.nat(1000), fc.nat(1000), (all, oneMs, otherMs) => {
      const [politeMs, greedyMs] = [Math.min(oneMs, otherMs), Math.max(oneMs, otherMs)]
      if (whoMakesRoom(all, greedyMs) !== undefined) assert.ok(whoMakesRoom(all, politeMs) !== undefined)
      const [chosen, turned] = [whoMakesRoom(all, politeMs), whoMakesRoom(all.toReversed(), politeMs)]
      assert.ok(chosen?.idleMs === turned?.idleMs || chosen?.useMs === turned?.useMs)
    }),
  )
})

test('those that wait are served politest first, alike ones in the order in which they came', () => {
  const waiting = [
    { name: 'greedy', ms: 900 },
    { name: 'first', ms: 10 },
    { name: 'second', ms: 9 },
  ]
  const order = politestFirst(waiting, ({ ms }) => ms).map(({ name }) => name)
  assert.deepEqual(order, ['first', 'second', 'greedy'])
})

const TENANTS = fc.array(fc.constantFrom(0, 0.001, 0.1, 0.5, 1), { minLength: 2, maxLength: 8 })
const STEP_MS = 100

test('tenants that share fewer places take turns: no thrashing, and nobody waits for ever', () => {
  fc.assert(
    fc.property(TENANTS, fc.integer({ min: 1, max: 3 }), (shares, places) => {
      const { starts, longestWaitMs, totalMs } = simulate(shares, places)
      assert.ok(starts <= places * (totalMs / CELL_TURN_MS + 1), 'a place changes hands once a turn at most')
      assert.ok(longestWaitMs < totalMs / 2, `somebody waited for ${longestWaitMs} ms`)
    }),
    { numRuns: 30 },
  )
})

/** Tenants that always have something to ask: each works for its share of the time in which it has a cell. */
function simulate(shares: readonly number[], places: number) {
  const totalMs = 240_000
  const tenants = shares.map((share) => ({ share, use: new CellUse(0), since: 0, serves: false }))
  let [starts, longestWaitMs] = [0, 0]
  for (let now = 0; now < totalMs; now += STEP_MS) {
    const waiting = politestFirst(
      // who came first is first
      tenants.filter(({ serves }) => !serves).toSorted((one, other) => one.since - other.since),
      ({ use }) => use.at(now),
    )
    for (const waiter of waiting) {
      const serving = tenants.filter(({ serves }) => serves)
      if (serving.length >= places) {
        const rows = serving.map((tenant) => ({
          tenant,
          servedMs: now - tenant.since,
          idleMs: tenant.share < 0.5 ? 0 : undefined,
          useMs: tenant.use.at(now),
        }))
        const leaving = whoMakesRoom(rows, waiter.use.at(now))?.tenant
        if (leaving === undefined) continue
        Object.assign(leaving, { serves: false, since: now })
      }
      longestWaitMs = Math.max(longestWaitMs, now - waiter.since)
      Object.assign(waiter, { serves: true, since: now })
      starts += 1
    }
    for (const { serves, use, share } of tenants) if (serves) use.worked(share * STEP_MS, now)
  }
  for (const { serves, since } of tenants) {
    if (!serves) longestWaitMs = Math.max(longestWaitMs, totalMs - since)
  }
  return { starts, longestWaitMs, totalMs }
}
