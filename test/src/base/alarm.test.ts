import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Alarm } from '../../../src/base/alarm.ts'
import { TimerWheel } from '../../../src/base/timer-wheel.ts'

test('an alarm rings once for each time that it is set, and not where it is cancelled', () => {
  let nowMs = 0
  let rung = 0
  const wheel = new TimerWheel(() => nowMs)
  const alarm = new Alarm(() => (rung += 1))
  for (const cancels of [false, true]) {
    wheel.add(alarm, 1000)
    if (cancels) wheel.cancel(alarm)
    nowMs += 3000
    wheel.turn()
  }
  assert.equal(rung, 1)
})
