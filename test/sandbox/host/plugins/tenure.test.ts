import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Tenure } from '../../../../sandbox/host/plugins/tenure.ts'
import { SINGLE_MS } from '../../../../sandbox/limits.ts'

const RENEWAL_MS = 1000
const PATIENCE_MS = 50

function serving(): Tenure {
  const tenure = new Tenure(RENEWAL_MS)
  tenure.next(0)
  tenure.serve()
  return tenure
}

test('one that leaves may go when it is owed nothing, or has been for too long', () => {
  const tenure = serving()
  assert.equal(tenure.mayGo(100, false), false)
  tenure.leave(100, PATIENCE_MS)
  assert.equal(tenure.isLeaving, true)
  assert.equal(tenure.mayGo(100, true), false)
  assert.equal(tenure.mayGo(100, false), true)
  assert.equal(tenure.mayGo(100 + PATIENCE_MS, true), true)
})

test('one that is not there does not leave, and the next one is not leaving', () => {
  const tenure = new Tenure(RENEWAL_MS)
  tenure.leave(0, PATIENCE_MS)
  assert.equal(tenure.isLeaving, false)
  tenure.serve()
  tenure.leave(0, PATIENCE_MS)
  tenure.end()
  assert.deepEqual([tenure.isServing, tenure.isLeaving], [false, false])
})

test('the next one is told for how long it is not made anew', () => {
  const tenure = serving()
  assert.equal(tenure.next(100), 0)
  tenure.leave(100, PATIENCE_MS)
  tenure.end()
  assert.equal(tenure.next(300), RENEWAL_MS - 200)
  assert.equal(tenure.next(100 + RENEWAL_MS), 0)
  assert.equal(tenure.generation, 4)
})

test('however often a cell says that it is full, one isolate leaves in each period at most', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: RENEWAL_MS / 4 }), { maxLength: 40 }), (pauses) => {
      const tenure = serving()
      let now = 0
      const left: number[] = []
      for (const pause of pauses) {
        now += pause
        tenure.leave(now, PATIENCE_MS)
        if (!tenure.isLeaving) continue
        left.push(now)
        tenure.end()
        tenure.next(now)
        tenure.serve()
      }
      for (const [at, time] of left.entries()) {
        assert.ok(at === 0 || time - (left[at - 1] ?? 0) >= RENEWAL_MS)
      }
    }),
  )
})

test('a suspect is asked one by one, for a while', () => {
  const tenure = serving()
  const now = performance.now()
  assert.equal(tenure.together(now), Number.POSITIVE_INFINITY)
  tenure.suspect()
  assert.equal(tenure.together(now), 1)
  assert.equal(tenure.together(performance.now() + SINGLE_MS), Number.POSITIVE_INFINITY)
})

test('it is idle since it ended, however often it is ended', () => {
  const tenure = serving()
  assert.equal(tenure.idleSince, 0)
  tenure.end()
  const since = tenure.idleSince
  assert.ok(since > 0)
  tenure.end()
  assert.equal(tenure.idleSince, since)
})
