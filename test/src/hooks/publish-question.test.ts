import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PublishQuestion } from '../../../src/hooks/publish-question.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { received } from '../../support/messages.ts'
import { testClient } from '../../support/sessions.ts'

class Asking extends PublishQuestion {
  readonly verdicts: Verdict[] = []

  protected override decided(verdict: Verdict): void {
    this.verdicts.push(verdict)
  }
}

test('it is decided once, when all who have a say have answered', () => {
  const [one, other] = ['one', 'other'].map((name) => new FakePlugin(name, ['authorizePublish']))
  assert.ok(one !== undefined && other !== undefined)
  const asking = new Asking(testClient('ann'), received({ topic: 'a' }))
  hooksOf([one, other]).askPublish(asking)
  one.question(0).answer({ verdict: 'allow', maxQos: 1 })
  assert.deepEqual(asking.verdicts, [])
  other.question(0).answer({ verdict: 'deny', code: 0x87 })
  assert.deepEqual(asking.verdicts, [{ verdict: 'deny', code: 0x87 }])
})

test('where nobody has a say, the tenant’s default decides', () => {
  for (const [topicDefault, verdict] of [
    ['allow', 'allow'],
    ['deny', 'deny'],
  ] as const) {
    const asking = new Asking(testClient('ann'), received({ topic: 'a' }))
    hooksOf([], { topicDefault }).askPublish(asking)
    assert.equal(asking.verdicts[0]?.verdict, verdict)
  }
})

const GATE = {
  plugin: { name: 'gate', version: '1.0.0', state: 'active' },
  hook: 'authorizePublish',
  onFault: {},
} as const

test('a lone allow is not kept; a refusal is, and with several plugins all are, in the declared order', () => {
  const asking = new Asking(testClient('ann'), received({ topic: 'a' }))
  asking.expect([GATE])
  asking.answered(0, 'ok', { verdict: 'allow' })
  assert.equal(asking.voices.length, 0)
  asking.expect([GATE])
  asking.answered(0, 'crash', null)
  assert.deepEqual(
    asking.voices.map(({ plugin, version, outcome, verdict }) => [plugin, version, outcome, verdict.verdict]),
    [['gate', '1.0.0', 'crash', 'deny']],
  )
  asking.expect([GATE, { ...GATE, plugin: { name: 'other', version: '2.0.0', state: 'active' } }])
  asking.foreseen(1, { verdict: { verdict: 'deny' }, source: 'grant' })
  asking.answered(0, 'ok', { verdict: 'allow' })
  assert.deepEqual(
    asking.voices.map(({ plugin, source, verdict }) => [plugin, source, verdict.verdict]),
    [
      ['gate', 'crossing', 'allow'],
      ['other', 'grant', 'deny'],
    ],
  )
})
