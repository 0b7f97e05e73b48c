import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASKERS, OUTCOMES } from '../../../sandbox/index.ts'
import { fallbackVerdict, NOBODY_ALLOWED } from '../../../src/hooks/failure-policy.ts'

const FAILURES = OUTCOMES.filter((outcome) => outcome !== 'ok')

test('where the operator says nothing, every failure of every hook denies', () => {
  for (const hook of ASKERS) {
    for (const outcome of FAILURES) assert.equal(fallbackVerdict({}, hook, outcome).verdict, 'deny')
  }
})

test('the operator chooses per hook what a failure is answered: allow, abstain, disconnect or deny', () => {
  for (const fallback of ['allow', 'abstain', 'disconnect', 'deny'] as const) {
    const policy = { authorizePublish: fallback }
    for (const outcome of FAILURES) {
      assert.equal(fallbackVerdict(policy, 'authorizePublish', outcome).verdict, fallback)
      assert.equal(fallbackVerdict(policy, 'authorizeReceive', outcome).verdict, 'deny')
    }
  }
})

test("the host's refusals carry 0x87; an overload 0x97 in acks and 0x89 in CONNACK", () => {
  const refused = { verdict: 'deny', code: 0x87 }
  assert.deepEqual(NOBODY_ALLOWED, refused)
  assert.deepEqual(fallbackVerdict({}, 'authenticate', 'crash'), refused)
  assert.deepEqual(fallbackVerdict({}, 'authorizePublish', 'deadline'), refused)
  assert.deepEqual(fallbackVerdict({}, 'authorizePublish', 'overload'), { verdict: 'deny', code: 0x97 })
  assert.deepEqual(fallbackVerdict({}, 'authorizeSubscribe', 'overload'), { verdict: 'deny', code: 0x97 })
  assert.deepEqual(fallbackVerdict({}, 'authenticate', 'overload'), { verdict: 'deny', code: 0x89 })
})
