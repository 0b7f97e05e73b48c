import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FiltersQuestion } from '../../../src/hooks/filters-question.ts'
import type { TenantHooks } from '../../../src/hooks/tenant-hooks.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { testClient } from '../../support/sessions.ts'

class TestQuestion extends FiltersQuestion<string> {
  readonly decisions: (readonly Verdict[])[] = []

  protected override eventText(_voter: unknown, filters: readonly string[]): string {
    return JSON.stringify({ filters })
  }

  protected override inquiryOf(): null {
    return null
  }

  protected override decided(verdicts: readonly Verdict[]): void {
    this.decisions.push(verdicts)
  }

  /** The verdicts, once there are some, by their word. */
  get words(): readonly string[] | undefined {
    return this.decisions[0]?.map(({ verdict }) => verdict)
  }
}

/** A question about `filters`, under way. */
function ask(hooks: TenantHooks, filters: readonly string[]): TestQuestion {
  const question = new TestQuestion(hooks.subscribe, filters.length)
  question.ask(testClient('ann'), filters)
  return question
}

test('each filter gets its own verdict, in the order of the packet', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  const question = ask(hooksOf([sharp]), ['a', 'b', 'c'])
  const verdicts = [
    { verdict: 'deny', code: 0x97 },
    { verdict: 'allow', maxQos: 0 },
    { verdict: 'abstain' },
  ] as const
  sharp.question(0).answer({ verdict: 'filters', filters: verdicts })
  assert.deepEqual(question.decisions, [[verdicts[0], verdicts[1], { verdict: 'deny', code: 0x87 }]])
})

test('one verdict for all stands for each', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  const question = ask(hooksOf([sharp]), ['a', 'b'])
  sharp.question(0).answer({ verdict: 'disconnect', code: 0x87 })
  assert.deepEqual(question.words, ['disconnect', 'disconnect'])
})

test('one answer too many or too few is a bad verdict: nobody knows which filter is meant', () => {
  const allow = { verdict: 'allow' } as const
  for (const filters of [[], [allow], [allow, allow, allow]]) {
    const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
    const question = ask(hooksOf([sharp]), ['a', 'b'])
    sharp.question(0).answer({ verdict: 'filters', filters })
    assert.deepEqual(question.words, ['deny', 'deny'])
  }
})

test('several plugins decide together, filter by filter, whoever answers first', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  const general = new FakePlugin('general', ['topicFiltering'])
  const question = ask(hooksOf([sharp, general]), ['a', 'b', 'c'])
  general.question(2).answer({ verdict: 'allow' })
  general.question(0).answer({ verdict: 'allow' })
  sharp.question(0).answer({
    verdict: 'filters',
    filters: [{ verdict: 'deny' }, { verdict: 'abstain' }, { verdict: 'allow' }],
  })
  assert.deepEqual(question.decisions, [])
  general.question(1).answer({ verdict: 'abstain' })
  assert.deepEqual(question.words, ['deny', 'deny', 'allow'])
})

test('a failure is answered by the policy of the plugin and its hook, for its filters', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  const general = new FakePlugin('general', ['topicFiltering'])
  const onFault = { sharp: { authorizeSubscribe: 'allow' }, general: { topicFiltering: 'abstain' } } as const
  const question = ask(hooksOf([sharp, general], { onFault }), ['a', 'b'])
  sharp.question(0).answer('crash')
  general.question(0).answer('crash')
  general.question(1).answer({ verdict: 'deny' })
  assert.deepEqual(question.words, ['allow', 'deny'])
})

test('answers within the question decide it too, but not before all are asked', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  const general = new FakePlugin('general', ['topicFiltering'])
  sharp.reply = 'overload'
  general.reply = { verdict: 'allow' }
  const question = ask(hooksOf([sharp, general]), ['a', 'b'])
  assert.equal(general.asked.length, 2)
  assert.equal(question.decisions.length, 1)
  assert.deepEqual(question.decisions[0], [
    { verdict: 'deny', code: 0x97 },
    { verdict: 'deny', code: 0x97 },
  ])
})
