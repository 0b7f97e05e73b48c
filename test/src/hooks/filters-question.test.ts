import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AskedFilter, FiltersQuestion } from '../../../src/hooks/filters-question.ts'
import type { TenantHooks } from '../../../src/hooks/tenant-hooks.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { testClient } from '../../support/sessions.ts'

const subject = { ref: 7, json: '{}', source: '', release: () => undefined }
const ann = testClient('ann', { subject })

function filter(text: string, more: Partial<AskedFilter> = {}): AskedFilter {
  return { filter: text, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0, ...more }
}

class TestQuestion extends FiltersQuestion {
  readonly decisions: (readonly Verdict[])[] = []

  protected override decided(verdicts: readonly Verdict[]): void {
    this.decisions.push(verdicts)
  }

  /** The verdicts, once there are some, by their word. */
  get words(): readonly string[] | undefined {
    return this.decisions[0]?.map(({ verdict }) => verdict)
  }
}

/** A question about `filters`, under way. */
function ask(hooks: TenantHooks, filters: readonly AskedFilter[]): TestQuestion {
  const question = new TestQuestion(hooks.subscribe, filters.length)
  question.ask(ann, filters)
  return question
}

test('authorizeSubscribe is asked once for all filters, in their order', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  ask(hooksOf([sharp]), [filter('a'), filter('b/#', { share: 'g', noLocal: true })])
  assert.equal(sharp.asked.length, 1)
  assert.equal(sharp.question(0).subject, subject)
  assert.deepEqual(sharp.question(0).event, {
    filters: [filter('a'), filter('b/#', { share: 'g', noLocal: true })],
  })
})

test('topicFiltering is asked once for each filter, with the action', () => {
  const general = new FakePlugin('general', ['topicFiltering'])
  const question = ask(hooksOf([general]), [filter('a'), filter('b', { qos: 2 })])
  assert.deepEqual(
    general.asked.map(({ event }) => event),
    [
      { topic: 'a', action: 'subscribe', qos: 1 },
      { topic: 'b', action: 'subscribe', qos: 2 },
    ],
  )
  general.question(1).answer({ verdict: 'deny' })
  general.question(0).answer({ verdict: 'allow' })
  assert.deepEqual(question.words, ['allow', 'deny'])
})

test('each filter gets its own verdict, in the order of the packet', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  const question = ask(hooksOf([sharp]), [filter('a'), filter('b'), filter('c')])
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
  const question = ask(hooksOf([sharp]), [filter('a'), filter('b')])
  sharp.question(0).answer({ verdict: 'disconnect', code: 0x87 })
  assert.deepEqual(question.words, ['disconnect', 'disconnect'])
})

test('one answer too many or too few is a bad verdict: nobody knows which filter is meant', () => {
  const allow = { verdict: 'allow' } as const
  for (const filters of [[], [allow], [allow, allow, allow]]) {
    const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
    const question = ask(hooksOf([sharp]), [filter('a'), filter('b')])
    sharp.question(0).answer({ verdict: 'filters', filters })
    assert.deepEqual(question.words, ['deny', 'deny'])
  }
})

test('several plugins decide together, filter by filter, whoever answers first', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  const general = new FakePlugin('general', ['topicFiltering'])
  const question = ask(hooksOf([sharp, general]), [filter('a'), filter('b'), filter('c')])
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
  const question = ask(hooksOf([sharp, general], { onFault }), [filter('a'), filter('b')])
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
  const question = ask(hooksOf([sharp, general]), [filter('a'), filter('b')])
  assert.equal(general.asked.length, 2)
  assert.equal(question.decisions.length, 1)
  assert.deepEqual(question.decisions[0], [
    { verdict: 'deny', code: 0x97 },
    { verdict: 'deny', code: 0x97 },
  ])
})

test('grants and remembered verdicts answer each filter for itself; the rest is asked at once', () => {
  const gate = new FakePlugin('gate', ['authorizeSubscribe'])
  const hooks = hooksOf([gate])
  const standing = hooks.newStanding([], { clientId: 'ann', username: undefined, attributes: {} })
  const client = testClient('ann', { subject, standing })
  const askAs = (filters: readonly AskedFilter[]): TestQuestion => {
    const question = new TestQuestion(hooks.subscribeVoters(client), filters.length)
    question.ask(client, filters)
    return question
  }
  gate.reply = { verdict: 'filters', filters: [{ verdict: 'allow', cacheMs: 60_000 }, { verdict: 'deny' }] }
  askAs([filter('a'), filter('b')])
  gate.reply = { verdict: 'filters', filters: [{ verdict: 'deny' }] }
  const question = askAs([filter('a'), filter('b')])
  assert.deepEqual(gate.question(1).event, { filters: [filter('b')] })
  assert.deepEqual(question.words, ['allow', 'deny'])
  assert.deepEqual(
    [0, 1].map((place) => question.voicesOn(place).map(({ source }) => source)),
    [['cache'], ['crossing']],
  )
  gate.reply = { verdict: 'filters', filters: [{ verdict: 'deny' }] }
  assert.deepEqual(askAs([filter('a', { share: 'g' })]).words, ['deny'], 'a shared one is another question')
})

test('answers of before a plugin took something back do not count: it is asked again, once', () => {
  const gate = new FakePlugin('gate', ['authorizeSubscribe'])
  const hooks = hooksOf([gate])
  const standing = hooks.newStanding([], { clientId: 'ann', username: undefined, attributes: {} })
  const question = new TestQuestion(hooks.subscribe, 1)
  question.ask(testClient('ann', { subject, standing }), [filter('a')])
  hooks.memory.takeBack('gate')
  gate.question(0).answer({ verdict: 'allow', cacheMs: 60_000 })
  assert.deepEqual(question.decisions, [])
  hooks.memory.takeBack('gate')
  gate.question(1).answer({ verdict: 'deny' })
  assert.deepEqual(question.words, ['deny'])
  assert.deepEqual(
    question.voicesOn(0).map(({ verdict }) => verdict.verdict),
    ['deny'],
  )
})
