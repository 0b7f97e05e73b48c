import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditedDecision } from '../../../../sandbox/host/questions/audited-decision.ts'
import type { CheckedVerdict } from '../../../../sandbox/host/questions/checked-verdict.ts'

for (const [title, verdict, said] of [
  ['an allow that asks for it', { verdict: 'allow', audit: true }, 'allow'],
  ['a denial, with why', { verdict: 'deny', audit: true, code: 0x87, note: 'late' }, 'deny 0x87 (late)'],
  ['a denial without a code', { verdict: 'deny', audit: true }, 'deny 0x80'],
  [
    'those filters that ask for it',
    { verdict: 'filters', filters: [{ verdict: 'allow' }, { verdict: 'allow', audit: true }] },
    'filter 1: allow',
  ],
] as const satisfies readonly (readonly [string, CheckedVerdict, string])[]) {
  test(`the audit knows of ${title}`, () => assert.equal(auditedDecision(verdict), said))
}

test('the audit is spared all others', () => {
  const others: readonly CheckedVerdict[] = [
    { verdict: 'allow' },
    { verdict: 'allow', audit: false },
    { verdict: 'deny' },
    { verdict: 'abstain' },
    { verdict: 'disconnect' },
    { verdict: 'continue' },
    { verdict: 'filters', filters: [{ verdict: 'deny' }, { verdict: 'abstain' }] },
    { verdict: 'transform', op: 'pass' },
  ]
  for (const verdict of others) assert.equal(auditedDecision(verdict), null)
})
