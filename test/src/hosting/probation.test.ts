import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { PROBATION } from '../../../src/base/limits.ts'
import { Tally } from '../../../src/base/tally.ts'
import { faultOf, Probation, type Watched } from '../../../src/hosting/probation.ts'
import type { Outcome } from '../../../sandbox/index.ts'

function plugin(counts: Partial<Record<Outcome, number>>, state: Watched['state'] = 'active'): Watched {
  const outcomes = new Tally<Outcome>()
  for (const [outcome, count] of Object.entries(counts))
    for (let n = 0; n < count; n += 1) outcomes.count(outcome as Outcome)
  const questions = new Map([['authorizePublish', { outcomes }]])
  return { state, counts: { questions } } as unknown as Watched
}

describe('a version that has just taken over', () => {
  it('does well as long as few of its questions fail, or few were asked', () => {
    assert.equal(faultOf(plugin({ ok: 95, threw: 5 })), null)
    assert.equal(faultOf(plugin({ threw: PROBATION.leastQuestions - 1 })), null)
    assert.equal(faultOf(plugin({ ok: 1, stopped: 50, throttled: 50, overload: 50, loading: 50 })), null)
  })

  it('fails with more faults than it may have, when it is quarantined, and when it does not activate', () => {
    assert.equal(faultOf(plugin({ ok: 90, threw: 6, timeout: 4 })), '10 of 100 questions failed')
    assert.match(faultOf(plugin({}, 'quarantined')) ?? '', /quarantined/)
    assert.match(faultOf(plugin({}, 'failed')) ?? '', /does not activate/)
  })
})

test('it is told of once, and its watch ends with that, or with its time', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const told: string[] = []
  const watched = { ...plugin({ threw: 50 }) }
  const probation = new Probation(watched, (why) => told.push(why))
  t.mock.timers.tick(3 * PROBATION.lookMs)
  assert.deepEqual(told, ['50 of 50 questions failed'])
  probation.stop()
  const stopped = new Probation(watched, (why) => told.push(why))
  stopped.stop()
  t.mock.timers.tick(3 * PROBATION.lookMs)
  assert.equal(told.length, 1)
})
