import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ALLOW, mergeVerdicts, NO_OPINION } from '../../../src/hooks/merge-verdicts.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { anyVerdict } from '../../support/verdicts.ts'

/** What two verdicts must agree in to be the same: keys in any order, lists in theirs. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .map(([key, inner]) => [key, canonical(inner)])
    .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1))
}

function same(one: Verdict, other: Verdict): void {
  assert.equal(JSON.stringify(canonical(one)), JSON.stringify(canonical(other)))
}

const RUNS = { numRuns: 2000 }
const rank = { abstain: 0, allow: 1, deny: 2, disconnect: 3 }

test('merging is commutative: no order of answers changes the outcome', () => {
  fc.assert(
    fc.property(anyVerdict, anyVerdict, (a, b) => same(mergeVerdicts(a, b), mergeVerdicts(b, a))),
    RUNS,
  )
})

test('merging is associative: no order of plugins changes the outcome', () => {
  fc.assert(
    fc.property(anyVerdict, anyVerdict, anyVerdict, (a, b, c) =>
      same(mergeVerdicts(mergeVerdicts(a, b), c), mergeVerdicts(a, mergeVerdicts(b, c))),
    ),
    RUNS,
  )
})

test('merging is idempotent: two plugins that say the same are as one', () => {
  fc.assert(
    fc.property(anyVerdict, (a) => same(mergeVerdicts(a, structuredClone(a)), a)),
    RUNS,
  )
})

test('grants are not merged: whose they are would be lost, and all would be compared with all', () => {
  const grants = [{ effect: 'allow', actions: ['publish'], filter: '#' }] as const
  const merged = mergeVerdicts({ verdict: 'allow', grants }, { verdict: 'allow', grants, maxQos: 1 })
  assert.deepEqual(merged, { verdict: 'allow', maxQos: 1 })
})

test('who has said nothing changes nothing', () => {
  fc.assert(
    fc.property(anyVerdict, (a) => {
      assert.equal(mergeVerdicts(NO_OPINION, a), a)
      assert.equal(mergeVerdicts(a, NO_OPINION), a)
    }),
  )
})

test('whatever is merged in which order, the sternest decides: disconnect > deny > allow > abstain', () => {
  const verdicts = fc.array(anyVerdict, { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(verdicts, (all) => {
      const merged = all.reduce(mergeVerdicts)
      const sternest = Math.max(...all.map(({ verdict }) => rank[verdict]))
      // allows that contradict each other are the one way to a sterner answer than each alone
      if (sternest === rank.allow) assert.ok(merged.verdict === 'allow' || merged.verdict === 'deny')
      else assert.equal(rank[merged.verdict], sternest)
    }),
    RUNS,
  )
})

test('nothing is allowed unless a plugin allows it', () => {
  const noAllow = anyVerdict.filter(({ verdict }) => verdict !== 'allow')
  fc.assert(
    fc.property(fc.array(noAllow, { minLength: 1, maxLength: 4 }), (all) => {
      assert.notEqual(all.reduce(mergeVerdicts).verdict, 'allow')
    }),
  )
})

test('several allows must agree on the principal and on the rewritten filter', () => {
  const twoNames = mergeVerdicts({ ...ALLOW, principal: 'ann' }, { ...ALLOW, principal: 'bob' })
  assert.deepEqual(twoNames, { verdict: 'deny', code: 0x87, note: 'plugins contradict each other' })
  assert.equal(mergeVerdicts({ ...ALLOW, rewriteTo: 'a' }, { ...ALLOW, rewriteTo: 'b' }).verdict, 'deny')
  same(mergeVerdicts({ ...ALLOW, principal: 'ann' }, { ...ALLOW, roles: ['dev'] }), {
    ...ALLOW,
    principal: 'ann',
    roles: ['dev'],
  })
})

test("a contradiction between allows gives way to a plugin's refusal, whichever came first", () => {
  const ann: Verdict = { ...ALLOW, principal: 'ann' }
  const bob: Verdict = { ...ALLOW, principal: 'bob' }
  const refusal: Verdict = { verdict: 'deny', code: 0x80, reason: 'no' }
  same(mergeVerdicts(mergeVerdicts(ann, bob), refusal), refusal)
  same(mergeVerdicts(ann, mergeVerdicts(bob, refusal)), refusal)
})

test('obligations: cacheMs and maxQos minimum, throttleMs maximum, audit or, retain: false wins', () => {
  const one: Verdict = { ...ALLOW, cacheMs: 500, throttleMs: 10, audit: false, maxQos: 1 }
  const other: Verdict = { ...ALLOW, cacheMs: 90, throttleMs: 20, audit: true, maxQos: 2, retain: false }
  same(mergeVerdicts(one, other), {
    ...ALLOW,
    cacheMs: 90,
    throttleMs: 20,
    audit: true,
    maxQos: 1,
    retain: false,
  })
})

test('an answer is reused only if every plugin said that it may be', () => {
  same(mergeVerdicts({ ...ALLOW, cacheMs: 500 }, { ...ALLOW, audit: true }), { ...ALLOW, audit: true })
})

test('of two refusals one speaks, and both are obliged', () => {
  const told: Verdict = { verdict: 'deny', code: 0x97, reason: 'too much', cacheMs: 500 }
  const silent: Verdict = { verdict: 'deny', code: 0x87, reason: 'not yours', audit: true, cacheMs: 90 }
  same(mergeVerdicts(told, silent), {
    verdict: 'deny',
    code: 0x97,
    reason: 'too much',
    audit: true,
    cacheMs: 90,
  })
})

test('of two session settings the tighter one holds, and a keep alive of 0 is the loosest', () => {
  const one: Verdict = { ...ALLOW, session: { receiveMaximum: 10, keepAliveSec: 0, sessionExpirySec: 0 } }
  const other: Verdict = { ...ALLOW, session: { receiveMaximum: 20, keepAliveSec: 60, sessionExpirySec: 9 } }
  same(mergeVerdicts(one, other), {
    ...ALLOW,
    session: { receiveMaximum: 10, keepAliveSec: 60, sessionExpirySec: 0 },
  })
})
