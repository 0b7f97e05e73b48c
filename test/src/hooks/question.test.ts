import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES } from '../../../sandbox/index.ts'
import type { FailurePolicy } from '../../../src/hooks/failure-policy.ts'
import { Question, verdictOf } from '../../../src/hooks/question.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'

const GATE = { name: 'gate', version: '1.0.0', state: 'active' } as const
const ALLOW: Verdict = { verdict: 'allow' }
const ABSTAIN: Verdict = { verdict: 'abstain' }
const DENY: Verdict = { verdict: 'deny', code: 0x80 }

class TestQuestion extends Question {
  readonly decisions: Verdict[] = []

  protected override decided(verdict: Verdict): void {
    this.decisions.push(verdict)
  }
}

/** A question to so many plugins, each with its own failure policy. */
function questionTo(...policies: readonly FailurePolicy[]): TestQuestion {
  const question = new TestQuestion()
  question.expect(policies.map((onFault) => ({ plugin: GATE, hook: 'authorizePublish', onFault })))
  return question
}

test('it is decided once, when the last plugin has answered, in whatever order they answer', () => {
  const question = questionTo({}, {}, {})
  question.answered(2, 'ok', ALLOW)
  question.answered(0, 'ok', ABSTAIN)
  assert.deepEqual(question.decisions, [])
  question.answered(1, 'ok', DENY)
  assert.deepEqual(question.decisions, [DENY])
})

test('all abstain: deny, with the code of a refusal that the host makes', () => {
  const question = questionTo({}, {})
  question.answered(0, 'ok', ABSTAIN)
  question.answered(1, 'ok', { verdict: 'abstain', note: 'not mine' })
  assert.deepEqual(question.decisions, [{ verdict: 'deny', code: 0x87 }])
})

test('a plugin that fails denies for all, even if the others allow', () => {
  for (const outcome of OUTCOMES) {
    if (outcome === 'ok') continue
    const question = questionTo({}, {})
    question.answered(0, 'ok', ALLOW)
    question.answered(1, outcome, null)
    assert.equal(question.decisions[0]?.verdict, 'deny')
  }
})

test("each failure is answered by its own plugin's policy", () => {
  const question = questionTo({ authorizePublish: 'abstain' }, { authorizePublish: 'disconnect' })
  question.answered(0, 'crash', null)
  question.answered(1, 'crash', null)
  assert.equal(question.decisions[0]?.verdict, 'disconnect')
  const lenient = questionTo({ authorizePublish: 'abstain' }, {})
  lenient.answered(0, 'crash', null)
  lenient.answered(1, 'ok', ALLOW)
  assert.deepEqual(lenient.decisions, [ALLOW])
})

test('asked again, it starts anew', () => {
  const question = questionTo({})
  question.answered(0, 'ok', DENY)
  question.expect([{ plugin: GATE, hook: 'authorizePublish', onFault: {} }])
  question.answered(0, 'ok', ALLOW)
  assert.deepEqual(question.decisions, [DENY, ALLOW])
})

test('an answer of another shape than the question has counts as a bad verdict', () => {
  const asked = {
    plugin: GATE,
    hook: 'authorizePublish',
    onFault: { authorizePublish: 'disconnect' },
  } as const
  assert.equal(verdictOf(asked, 'ok', { verdict: 'filters', filters: [] }).verdict, 'disconnect')
  const recipients = { verdict: 'recipients', default: 'allow', except: [] } as const
  assert.equal(verdictOf({ ...asked, onFault: {} }, 'ok', recipients).verdict, 'deny')
})
