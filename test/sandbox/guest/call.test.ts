import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Call } from '../../../sandbox/guest/call.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

test('a call begins with its own budgets, unknown to the host, with nothing left to be done', () => {
  const [one, other] = [new Call(ISOLATE_LIMITS), new Call(ISOLATE_LIMITS)]
  one.left.publish -= 1
  const { publishesPerCall: publish, logsPerCall: metrics, capabilityCallsPerCall } = ISOLATE_LIMITS
  assert.deepEqual(other.left, { publish, metrics })
  assert.deepEqual(
    [other.number, other.ended, other.callsLeft, other.effects],
    [0, false, capabilityCallsPerCall, undefined],
  )
})

test('a budget is the call’s own property: no setter of a plugin’s hears of it', () => {
  for (const name of ['number', 'ended', 'callsLeft', 'left', 'effects']) {
    assert.ok(Object.hasOwn(new Call(ISOLATE_LIMITS), name), name)
  }
})
