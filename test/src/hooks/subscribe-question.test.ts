import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AskedFilter,
  type DecidedFilter,
  SubscribeQuestion,
} from '../../../src/hooks/subscribe-question.ts'
import type { TenantHooks } from '../../../src/hooks/tenant-hooks.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { FakePlugin, hooksOf } from '../../support/fake-plugins.ts'
import { testClient } from '../../support/sessions.ts'

const subject = { ref: 7, json: '{}', source: '', release: () => undefined }
const ann = testClient('ann', { subject })

function filter(text: string, more: Partial<AskedFilter> = {}): AskedFilter {
  return { filter: text, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0, ...more }
}

class TestQuestion extends SubscribeQuestion {
  readonly decisions: (readonly Verdict[])[] = []

  readonly filters: (readonly DecidedFilter[])[] = []

  protected override settled(filters: readonly DecidedFilter[]): void {
    this.filters.push(filters)
    this.decisions.push(filters.map(({ verdict }) => verdict))
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

/** The filters of the `place`th question to the plugin. */
function filtersOf(plugin: FakePlugin, place: number): readonly string[] {
  const { filters } = plugin.question(place).event as { filters: readonly AskedFilter[] }
  return filters.map((each) => each.filter)
}

test('what is rewritten is asked about again in its new form, and the rest is not', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  const question = ask(hooksOf([sharp]), [filter('a'), filter('b/#', { share: 'g' })])
  sharp.question(0).answer({
    verdict: 'filters',
    filters: [{ verdict: 'allow' }, { verdict: 'allow', rewriteTo: 'home/b/#', maxQos: 1 }],
  })
  assert.deepEqual(question.decisions, [])
  assert.deepEqual(sharp.question(1).event, { filters: [filter('home/b/#', { share: 'g' })] })
  sharp.question(1).answer({ verdict: 'allow', maxQos: 0, noLocal: true })
  const [plain, rewritten] = question.filters[0] ?? []
  assert.deepEqual(plain, { verdict: { verdict: 'allow' }, rewritten: null })
  assert.deepEqual(rewritten?.verdict, { verdict: 'allow', maxQos: 0, noLocal: true })
  assert.deepEqual([rewritten.rewritten?.filter, rewritten.rewritten?.shareName], ['home/b/#', 'g'])
  assert.deepEqual(
    question.voicesOn(1).map(({ verdict }) => verdict),
    [
      { verdict: 'allow', rewriteTo: 'home/b/#', maxQos: 1 },
      { verdict: 'allow', maxQos: 0, noLocal: true },
    ],
  )
  assert.equal(question.voicesOn(0).length, 1)
})

test('all who have a say are asked again, and one refusal is enough', () => {
  const plugins = [new FakePlugin('p', ['authorizeSubscribe']), new FakePlugin('q', ['topicFiltering'])]
  const [p, q] = plugins as [FakePlugin, FakePlugin]
  const question = ask(hooksOf(plugins), [filter('a')])
  p.question(0).answer({ verdict: 'allow', rewriteTo: 'secret/a' })
  q.question(0).answer({ verdict: 'allow' })
  assert.equal(q.question(1).event['topic'], 'secret/a')
  p.question(1).answer({ verdict: 'allow' })
  q.question(1).answer({ verdict: 'deny', code: 0x87 })
  assert.deepEqual(question.filters, [[{ verdict: { verdict: 'deny', code: 0x87 }, rewritten: null }]])
})

test('a filter that is rewritten to itself, once or in the second round, is not rewritten', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  const itself = ask(hooksOf([sharp]), [filter('a')])
  sharp.question(0).answer({ verdict: 'allow', rewriteTo: 'a' })
  assert.equal(itself.filters[0]?.[0]?.rewritten, null)
  const again = ask(hooksOf([sharp]), [filter('a')])
  sharp.question(1).answer({ verdict: 'allow', rewriteTo: 'b' })
  sharp.question(2).answer({ verdict: 'allow', rewriteTo: 'b' })
  assert.equal(again.filters[0]?.[0]?.rewritten?.filter, 'b')
})

test('a second rewrite is refused with 0x83: no filter is sent round for ever', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  const question = ask(hooksOf([sharp]), [filter('a')])
  sharp.question(0).answer({ verdict: 'allow', rewriteTo: 'b' })
  sharp.question(1).answer({ verdict: 'allow', rewriteTo: 'c' })
  assert.equal(sharp.asked.length, 2)
  const decided = question.filters[0]?.[0]
  assert.ok(decided?.verdict.verdict === 'deny' && decided.verdict.code === 0x83)
  assert.match(decided.verdict.note ?? '', /rewritten/)
})

test('what cannot be mapped back is refused with 0x83 and a note, and not asked about', () => {
  for (const rewriteTo of ['b/+', 'b/#/c', '$share/g/b']) {
    const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
    const question = ask(hooksOf([sharp]), [filter('a'), filter('free')])
    sharp.question(0).answer({
      verdict: 'filters',
      filters: [{ verdict: 'allow', rewriteTo }, { verdict: 'allow' }],
    })
    assert.deepEqual([sharp.asked.length, question.words], [1, ['deny', 'allow']])
    const verdict = question.decisions[0]?.[0]
    assert.ok(verdict?.verdict === 'deny' && verdict.code === 0x83 && verdict.note?.startsWith('rewriteTo: '))
  }
})

test('two plugins that rewrite to different filters contradict each other', () => {
  const plugins = ['p', 'q'].map((name) => new FakePlugin(name, ['authorizeSubscribe']))
  const question = ask(hooksOf(plugins), [filter('a')])
  plugins.forEach((plugin, place) =>
    plugin.question(0).answer({ verdict: 'allow', rewriteTo: `to/${place}` }),
  )
  assert.deepEqual(question.words, ['deny'])
})

test('a disconnect over one filter ends it: nothing is asked about another’s rewrite', () => {
  const sharp = new FakePlugin('sharp', ['topicFiltering', 'authorizeSubscribe'])
  const question = ask(hooksOf([sharp]), [filter('a'), filter('b')])
  const rewriting = sharp.asked.find(({ hook }) => hook === 'authorizeSubscribe')
  rewriting?.answer({
    verdict: 'filters',
    filters: [{ verdict: 'allow' }, { verdict: 'allow', rewriteTo: 'c' }],
  })
  for (const asked of sharp.asked.filter(({ hook }) => hook === 'topicFiltering')) {
    asked.answer({ verdict: asked.event['topic'] === 'a' ? 'disconnect' : 'allow' })
  }
  assert.deepEqual(question.words, ['disconnect', 'allow'])
  assert.equal(sharp.asked.length, 3)
})

test('a second round goes to the plugin with no more than the packet had', () => {
  const sharp = new FakePlugin('sharp', ['authorizeSubscribe'])
  ask(hooksOf([sharp]), [filter('a'), filter('b'), filter('c')])
  sharp.question(0).answer({
    verdict: 'filters',
    filters: ['x/a', 'b', 'x/c'].map((rewriteTo) => ({ verdict: 'allow', rewriteTo })),
  })
  assert.deepEqual(filtersOf(sharp, 1), ['x/a', 'x/c'])
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
  hooks.memory.takeBack('gate', { tag: 'any' })
  gate.question(0).answer({ verdict: 'allow', cacheMs: 60_000 })
  assert.deepEqual(question.decisions, [])
  hooks.memory.takeBack('gate', { tag: 'any' })
  gate.question(1).answer({ verdict: 'deny' })
  assert.deepEqual(question.words, ['deny'])
  assert.deepEqual(
    question.voicesOn(0).map(({ verdict }) => verdict.verdict),
    ['deny'],
  )
})

test('a grant that is taken back while another plugin is waited for does not count either', () => {
  const gate = new FakePlugin('gate', [])
  const slow = new FakePlugin('slow', ['authorizeSubscribe'])
  const hooks = hooksOf([gate, slow])
  const allow = { grants: [{ effect: 'allow', actions: ['subscribe'], filter: '#' }] } as const
  const standing = hooks.newStanding([{ plugin: 'gate', allow }], {
    clientId: 'ann',
    username: undefined,
    attributes: {},
  })
  const client = testClient('ann', { subject, standing })
  const question = new TestQuestion(hooks.subscribeVoters(client), 1)
  question.ask(client, [filter('a')])
  hooks.memory.takeBack('gate', { clientId: 'ann' })
  standing.takeBack('gate', null)
  slow.question(0).answer({ verdict: 'allow' })
  slow.question(1).answer({ verdict: 'allow' })
  assert.deepEqual(question.words, ['deny'])
})

for (const [of, word] of [
  [{ clientId: 'ann' }, 'deny'],
  [{ tag: 'team' }, 'deny'],
  [{ clientId: 'bob' }, 'allow'],
  [{ tag: 'other' }, 'allow'],
] as const) {
  test(`an answer that is taken back by ${JSON.stringify(of)} the second time as well: ${word}`, () => {
    const gate = new FakePlugin('gate', ['authorizeSubscribe'])
    const hooks = hooksOf([gate])
    const standing = hooks.newStanding([], { clientId: 'ann', username: undefined, attributes: {} })
    const question = new TestQuestion(hooks.subscribe, 1)
    question.ask(testClient('ann', { subject, standing }), [filter('a')])
    for (const round of [0, 1]) {
      hooks.memory.takeBack('gate', of)
      gate.question(round).answer({ verdict: 'allow', cacheTag: 'team' })
    }
    assert.deepEqual(question.words, [word])
  })
}
