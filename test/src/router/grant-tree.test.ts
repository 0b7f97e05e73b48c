import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { filtersMeet } from '../../../sandbox/host/topic-filters.ts'
import type { GrantValues } from '../../../src/router/fill-filter.ts'
import {
  type GrantAnswer,
  type GrantInquiry,
  type GrantRule,
  GrantTree,
} from '../../../src/router/grant-tree.ts'
import { filterCovers, filterMatches } from '../../../src/router/topic-filter.ts'
import { topicFilters, topicNames } from '../../support/topics.ts'

const NOBODY: GrantValues = { clientId: 'c', username: 'u', tenant: 't', attributes: {} }
const INQUIRY: GrantInquiry = { action: 'publish', topic: 'a', qos: 0, retain: false, share: '' }
const ALL = ['publish', 'subscribe', 'receive'] as const

function answers(
  rules: readonly Partial<GrantRule>[],
  inquiry: Partial<GrantInquiry>,
  values: Partial<GrantValues> = {},
): GrantAnswer {
  const whole = rules.map((rule): GrantRule => ({ effect: 'allow', actions: ALL, filter: 'a', ...rule }))
  return new GrantTree(whole, { ...NOBODY, ...values }).answer({ ...INQUIRY, ...inquiry })
}

const RANK = ['none', 'allow', 'ask', 'deny'] as const

/** The plain reading of the contract: each grant is held against the question, the strongest counts. */
function oracle(rules: readonly GrantRule[], inquiry: GrantInquiry): GrantAnswer {
  const speaking = rules.filter((rule) => speaksOf(rule, inquiry))
  const ranks = speaking.map(({ effect }) => RANK.indexOf(effect))
  return RANK[Math.max(0, ...ranks)] as GrantAnswer
}

function speaksOf(rule: GrantRule, { action, topic, qos, retain, share }: GrantInquiry): boolean {
  if (!rule.actions.includes(action)) return false
  if (rule.qos !== undefined && !rule.qos.includes(qos)) return false
  if (action !== 'subscribe') {
    return (rule.retain ?? retain) === retain && filterMatches(rule.filter, topic)
  }
  const isShared = share !== ''
  if (typeof rule.share === 'boolean' && rule.share !== isShared) return false
  if (typeof rule.share === 'string' && rule.share !== share) return false
  return rule.effect === 'allow' ? filterCovers(rule.filter, topic) : filtersMeet(rule.filter, topic)
}

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const rules: fc.Arbitrary<GrantRule> = fc
  .record({
    effect: fc.constantFrom('allow' as const, 'deny' as const, 'ask' as const),
    actions: fc.subarray([...ALL], { minLength: 1 }),
    filter: topicFilters,
    qos: optional(fc.subarray([0, 1, 2] as const)),
    retain: optional(fc.boolean()),
    share: optional(fc.oneof(fc.boolean(), fc.constantFrom('g', 'h'))),
  })
  .map((rule) => Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined)) as never)
const inquiries: fc.Arbitrary<GrantInquiry> = fc
  .record({
    action: fc.constantFrom(...ALL),
    name: topicNames,
    filter: topicFilters,
    qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
    retain: fc.boolean(),
    share: fc.constantFrom('', 'g', 'x'),
  })
  .map(({ action, name, filter, qos, retain, share }) =>
    action === 'subscribe'
      ? { action, topic: filter, qos, retain: false, share }
      : { action, topic: name, qos, retain, share: '' },
  )

test('the tree answers as the plain reading does', () => {
  fc.assert(
    fc.property(fc.array(rules, { maxLength: 6 }), inquiries, (given, inquiry) => {
      const tree = new GrantTree(given, NOBODY)
      assert.equal(tree.answer(inquiry), oracle(given, inquiry), JSON.stringify({ given, inquiry }))
    }),
    { numRuns: 3000 },
  )
})

test('the order of grants does not matter', () => {
  fc.assert(
    fc.property(fc.array(rules, { maxLength: 5 }), inquiries, (given, inquiry) => {
      const other = new GrantTree(given.toReversed(), NOBODY)
      assert.equal(new GrantTree(given, NOBODY).answer(inquiry), other.answer(inquiry))
    }),
  )
})

test('deny beats ask, ask beats allow, and what no grant speaks of is none', () => {
  const [allow, ask, deny] = (['allow', 'ask', 'deny'] as const).map((effect) => ({ effect, filter: '#' }))
  assert.equal(answers([allow, ask, deny] as GrantRule[], {}), 'deny')
  assert.equal(answers([ask, allow] as GrantRule[], {}), 'ask')
  assert.equal(answers([allow] as GrantRule[], {}), 'allow')
  assert.equal(answers([], {}), 'none')
})

test('to subscribe, an allow covers the whole filter; a deny or an ask speaks where it overlaps it', () => {
  const subscribe = { action: 'subscribe' } as const
  assert.equal(answers([{ filter: 'a/+' }], { ...subscribe, topic: 'a/#' }), 'none')
  assert.equal(answers([{ filter: 'a/#' }], { ...subscribe, topic: 'a/+' }), 'allow')
  const secret: Partial<GrantRule>[] = [{ filter: '#' }, { effect: 'deny', filter: 'a/secret' }]
  for (const topic of ['a/secret', 'a/+', '#', '+/secret', 'a/#']) {
    assert.equal(answers(secret, { ...subscribe, topic }), 'deny', topic)
  }
  assert.equal(answers(secret, { ...subscribe, topic: 'a/public' }), 'allow')
})

test('[MQTT-4.7.2-1] wildcards do not reach the topics that begin with $', () => {
  assert.equal(answers([{ filter: '#' }], { topic: '$SYS/uptime' }), 'none')
  assert.equal(answers([{ filter: '+/uptime' }], { topic: '$SYS/uptime' }), 'none')
  assert.equal(answers([{ filter: '$SYS/#' }], { topic: '$SYS/uptime' }), 'allow')
  const broker: Partial<GrantRule>[] = [{ filter: '#' }, { effect: 'deny', filter: '$SYS/#' }]
  assert.equal(answers(broker, { action: 'subscribe', topic: '#' }), 'allow')
})

test('a value that is no literal level: an allow speaks of nothing, a deny and an ask of any level', () => {
  for (const clientId of ['', '+', '#', 'a/b', '$SYS', 'x\u0000']) {
    assert.equal(answers([{ filter: 'home/{clientId}' }], { topic: 'home/x' }, { clientId }), 'none')
    for (const effect of ['deny', 'ask'] as const) {
      const rule = [{ filter: '#' }, { effect, filter: 'home/{clientId}' }]
      assert.equal(answers(rule, { topic: 'home/x' }, { clientId }), effect)
      assert.equal(answers(rule, { topic: 'home/x/y' }, { clientId }), 'allow')
    }
    const first = [{ filter: '$SYS/#' }, { effect: 'deny' as const, filter: '{clientId}/a' }]
    assert.equal(
      answers(first, { topic: '$SYS/a' }, { clientId }),
      'deny',
      'even where wildcards do not reach',
    )
    assert.equal(answers(first, { topic: '$SYS/b' }, { clientId }), 'allow')
  }
})

test('a tree knows which actions its grants name', () => {
  const tree = new GrantTree([{ effect: 'deny', actions: ['publish', 'receive'], filter: 'a' }], NOBODY)
  assert.deepEqual(
    ALL.map((action) => tree.names(action)),
    [true, false, true],
  )
})

test('topics that are asked about in turn, again and of several trees, are never taken for each other', () => {
  const topics = ['a/b', 'a', '#', 'a/b', '+/#', '#', 'a/b/c', 'a/b']
  const trees = ['a/b', 'a/#', '#'].map((filter) => new GrantTree([{ ...PUBLISH, filter }], NOBODY))
  for (const topic of topics) {
    const said = trees.map((tree) => tree.answer({ ...ASKED, topic }))
    const alone = ['a/b', 'a/#', '#'].map((filter) => {
      new GrantTree([{ ...PUBLISH, filter: 'x' }], NOBODY).answer({ ...ASKED, topic: 'x' })
      return new GrantTree([{ ...PUBLISH, filter }], NOBODY).answer({ ...ASKED, topic })
    })
    assert.deepEqual(said, alone, topic)
  }
})

const PUBLISH = { effect: 'allow', actions: ['publish'] } as const
const ASKED = { action: 'publish', qos: 0, retain: false, share: '' } as const
