import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TenantHooks } from '../../../src/hooks/tenant-hooks.ts'
import { UnsubscribeQuestion } from '../../../src/hooks/unsubscribe-question.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { testClient } from '../../support/sessions.ts'

class TestQuestion extends UnsubscribeQuestion {
  verdicts: readonly Verdict[] = []

  protected override decided(verdicts: readonly Verdict[]): void {
    this.verdicts = verdicts
  }
}

function ask({ unsubscribe }: TenantHooks): TestQuestion {
  const question = new TestQuestion(unsubscribe, 2)
  question.ask(testClient('ann'), [{ filter: 'a/#', share: 'g' }, { filter: 'b' }])
  return question
}

test('authorizeUnsubscribe is asked once for all filters; topicFiltering knows of no such action', () => {
  const plugin = new FakePlugin('p', ['authorizeUnsubscribe', 'topicFiltering'])
  const question = ask(hooksOf([plugin]))
  assert.deepEqual(
    plugin.asked.map(({ hook, event }) => ({ hook, event })),
    [{ hook: 'authorizeUnsubscribe', event: { filters: [{ filter: 'a/#', share: 'g' }, { filter: 'b' }] } }],
  )
  plugin.question(0).answer({ verdict: 'filters', filters: [{ verdict: 'deny' }, { verdict: 'allow' }] })
  assert.deepEqual(question.verdicts, [{ verdict: 'deny' }, { verdict: 'allow' }])
  assert.deepEqual(
    question.voicesOn(0).map(({ plugin: name, verdict }) => [name, verdict.verdict]),
    [['p', 'deny']],
  )
})

test('two plugins decide together: deny over allow over abstain, and all abstain is no', () => {
  const plugins = ['p', 'q'].map((name) => new FakePlugin(name, ['authorizeUnsubscribe']))
  const question = ask(hooksOf(plugins))
  plugins[0]?.question(0).answer({ verdict: 'abstain' })
  plugins[1]
    ?.question(0)
    .answer({ verdict: 'filters', filters: [{ verdict: 'abstain' }, { verdict: 'allow' }] })
  assert.deepEqual(question.verdicts, [{ verdict: 'deny', code: 0x87 }, { verdict: 'allow' }])
})
