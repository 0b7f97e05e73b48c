import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mergeWillVerdicts, type WillAnswer } from '../../../src/hooks/will-verdict.ts'
import type { Allow } from '../../../src/hooks/verdict.ts'
import { anyVerdict } from '../../support/verdicts.ts'

const patch = fc.record(
  {
    topic: fc.constantFrom('a', 'b'),
    payload: fc.constantFrom('', 'x').map((text) => Buffer.from(text)),
    qos: fc.constantFrom(0 as const, 1 as const),
    properties: fc.constantFrom({ contentType: 'a' }, { contentType: 'b' }),
  },
  { requiredKeys: [], noNullPrototype: true },
)
// what authorizeWill may say: one word is merged as everywhere, and an allow has obligations alone
const plain = anyVerdict.map((each) => (each.verdict === 'allow' ? obligationsOf(each) : each))

function obligationsOf({ verdict, cacheMs, cacheTag, throttleMs, audit }: Allow): Allow {
  return JSON.parse(JSON.stringify({ verdict, cacheMs, cacheTag, throttleMs, audit })) as Allow
}

const anyAnswer: fc.Arbitrary<WillAnswer> = fc.oneof(
  plain,
  fc.constantFrom<WillAnswer>({ verdict: 'strip' }, { verdict: 'suppress' }),
  patch.map((will) => ({ verdict: 'set' as const, will })),
  fc.constantFrom(1, 60).map((delaySec) => ({ verdict: 'defer' as const, delaySec })),
)

/** No will when it is left and none when it is due are one thing. */
function outcome(answer: WillAnswer): unknown {
  return answer.verdict === 'suppress' ? { verdict: 'strip' } : JSON.parse(JSON.stringify(answer))
}

function same(one: WillAnswer, other: WillAnswer): void {
  assert.deepEqual(outcome(one), outcome(other))
}

/** Equal, and another object in all of its parts. */
function copied(answer: WillAnswer): WillAnswer {
  if (answer.verdict !== 'set') return structuredClone(answer)
  const { payload, ...will } = answer.will
  const copy = structuredClone(will)
  return { verdict: 'set', will: payload === undefined ? copy : { ...copy, payload: Buffer.from(payload) } }
}

test('the order of plugins and of their answers changes nothing', () => {
  fc.assert(
    fc.property(anyAnswer, anyAnswer, anyAnswer, (a, b, c) => {
      same(mergeWillVerdicts(a, b), mergeWillVerdicts(b, a))
      same(mergeWillVerdicts(mergeWillVerdicts(a, b), c), mergeWillVerdicts(a, mergeWillVerdicts(b, c)))
      same(mergeWillVerdicts(a, copied(a)), a)
    }),
    { numRuns: 2000 },
  )
})

test('refusals > no will > later > another will > allow > abstain', () => {
  const ranks: readonly WillAnswer[] = [
    { verdict: 'abstain' },
    { verdict: 'allow' },
    { verdict: 'set', will: { topic: 'a' } },
    { verdict: 'defer', delaySec: 1 },
    { verdict: 'strip' },
    { verdict: 'deny', code: 0x87 },
    { verdict: 'disconnect', code: 0x87 },
  ]
  ranks.forEach((weaker, rank) => {
    for (const sterner of ranks.slice(rank)) same(mergeWillVerdicts(weaker, sterner), sterner)
  })
})

const set = (topic: string): WillAnswer => ({ verdict: 'set', will: { topic } })

test('plugins that would have different wills in its place leave none; the longest deferral holds', () => {
  same(mergeWillVerdicts(set('a'), set('a')), set('a'))
  same(mergeWillVerdicts(set('a'), set('b')), { verdict: 'strip' })
  const [short, long] = [1, 9].map((delaySec) => ({ verdict: 'defer', delaySec }) as const)
  assert.ok(short !== undefined && long !== undefined)
  same(mergeWillVerdicts(short, long), long)
})
