import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PublishQuestion } from '../../../src/hooks/publish-question.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { received } from '../../support/messages.ts'
import { testClient } from '../../support/sessions.ts'

class TestQuestion extends PublishQuestion {
  readonly decisions: Verdict[] = []

  protected override decided(verdict: Verdict): void {
    this.decisions.push(verdict)
  }
}

const GATE = { plugin: { name: 'gate', version: '1.0.0' }, hook: 'authorizePublish', onFault: {} } as const

test('where nobody is asked, it is decided without an answer, and nobody has said anything', () => {
  const question = new TestQuestion(testClient('ann'), received({ topic: 'a' }))
  question.settleBy({ verdict: 'allow' })
  assert.deepEqual([question.decisions, question.voices], [[{ verdict: 'allow' }], []])
})

test('a lone allow is not kept; a refusal is, and with several plugins all are, in the declared order', () => {
  const question = new TestQuestion(testClient('ann'), received({ topic: 'a' }))
  question.expect([GATE])
  question.answered(0, 'ok', { verdict: 'allow' })
  assert.equal(question.voices.length, 0)
  question.expect([GATE])
  question.answered(0, 'crash', null)
  assert.deepEqual(
    question.voices.map(({ plugin, version, outcome, verdict }) => [
      plugin,
      version,
      outcome,
      verdict.verdict,
    ]),
    [['gate', '1.0.0', 'crash', 'deny']],
  )
  question.expect([GATE, { ...GATE, plugin: { name: 'other', version: '2.0.0' } }])
  question.foreseen(1, { verdict: { verdict: 'deny' }, source: 'grant' })
  question.answered(0, 'ok', { verdict: 'allow' })
  assert.deepEqual(
    question.voices.map(({ plugin, source, verdict }) => [plugin, source, verdict.verdict]),
    [
      ['gate', 'crossing', 'allow'],
      ['other', 'grant', 'deny'],
    ],
  )
})
