import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS, OUTCOMES } from '../../../sandbox/index.ts'
import { limitOfFault } from '../../../src/hooks/fault-limit.ts'

test('an end by a limit names it, with its value; any other end names none', () => {
  const named = OUTCOMES.map((outcome) => [outcome, limitOfFault(outcome, DEFAULT_LIMITS)] as const)
  assert.deepEqual(Object.fromEntries(named.filter(([, limit]) => limit !== undefined)), {
    timeout: { limit: 'softMs', value: DEFAULT_LIMITS.softMs },
    deadline: { limit: 'wallMs', value: DEFAULT_LIMITS.wallMs },
    memory: { limit: 'heapMiB', value: DEFAULT_LIMITS.heapMiB },
    overload: { limit: 'questionsQueued', value: DEFAULT_LIMITS.questionsQueued },
    throttled: { limit: 'cpuShare', value: DEFAULT_LIMITS.cpuShare },
  })
})
