import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createColors } from 'picocolors'
import { decisionLines, explanationLines } from '../../../src/cli/explain-lines.ts'
import type { Decision, DecisionVoice, Explanation } from '../../../src/index.ts'

const PLAIN = createColors(false)

function voice(change: Partial<DecisionVoice>): DecisionVoice {
  return {
    plugin: 'gate',
    version: '1.0.0',
    hook: 'authorizePublish',
    source: 'crossing',
    outcome: 'ok',
    verdict: { verdict: 'allow' },
    micros: 412,
    ...change,
  }
}

const REFUSAL: Decision = {
  id: 'k-1',
  at: 0,
  tenant: 'acme',
  client: 'ann',
  action: 'publish',
  topic: 'a/b',
  allowed: false,
  reasonCode: 0x87,
  reason: 'not yours',
  detail: 'acl line 7',
  why: 'gate@1.0.0 said deny, which outweighs 1 allow',
  told: 'PUBACK 0x87',
  voices: [
    voice({ verdict: { verdict: 'deny', code: 0x87, reason: 'not yours', note: 'acl line 7' } }),
    voice({ plugin: 'acl-long', source: 'grant', micros: 0 }),
    voice({ plugin: 'slow', outcome: 'timeout', verdict: { verdict: 'deny', code: 0x87 } }),
  ],
}

test('a refusal: who said what, from where, in how long; what failed; how it ended', () => {
  assert.deepEqual(decisionLines(REFUSAL, PLAIN), [
    'publish a/b by client ann of tenant acme',
    '  k-1, 1970-01-01T00:00:00.000Z',
    '  gate@1.0.0      authorizePublish  deny  0x87  "not yours"  (acl line 7)  in 412 µs',
    '  acl-long@1.0.0  authorizePublish  allow  from its grant',
    '  slow@1.0.0      authorizePublish  deny  0x87  in 412 µs  the plugin failed: timeout; onFault answers',
    '  refused 0x87: acl line 7; the client is told: PUBACK 0x87',
    '  gate@1.0.0 said deny, which outweighs 1 allow',
  ])
})

const EXPLANATION: Explanation = {
  tenant: 'acme',
  asked: { client: 'ann', action: 'publish', topic: 'a', qos: 0, retain: false },
  now: null,
  refusals: [REFUSAL],
}

test('who is gone is said to be gone; what it was refused is listed with its ids', () => {
  const lines = explanationLines(EXPLANATION, PLAIN)
  assert.ok(lines.includes('  the client has no session now'))
  assert.equal(lines.at(-1), '  k-1  1970-01-01T00:00:00.000Z  publish a/b  0x87  acl line 7')
})

const ALLOWED = {
  verdict: { verdict: 'allow' },
  voices: [],
  becomes: null,
  principal: 'ann',
  connected: true,
  allowed: true,
  reasonCode: 0,
  reason: '',
  detail: '',
  why: 'the default allows',
  told: 'success',
} as const

test('where no plugin was asked, the default is named', () => {
  const lines = explanationLines({ ...EXPLANATION, now: ALLOWED, refusals: [] }, PLAIN)
  assert.match(lines[2] ?? '', /no plugin was asked/)
  assert.deepEqual(lines.slice(-2), ['  allowed', '  the default allows'])
})

function lastLine(now: typeof EXPLANATION.now): string | undefined {
  return explanationLines({ ...EXPLANATION, now, refusals: [] }, PLAIN).at(-1)
}

test('what plugins make of it is listed, or that they drop it', () => {
  const becomes = [
    { topic: 'b', qos: 0, retain: false },
    { topic: 'c', qos: 1, retain: true },
  ] as const
  assert.equal(lastLine({ ...ALLOWED, becomes }), '  plugins make of it: b (QoS 0), c (QoS 1, retained)')
  assert.equal(lastLine({ ...ALLOWED, becomes: [] }), '  plugins drop it in silence')
})

test('what strangers chose is printable', () => {
  const hostile = 'x\u001b[2J\n'
  const lines = decisionLines(
    { ...REFUSAL, topic: hostile, client: hostile, detail: hostile, why: hostile },
    PLAIN,
  )
  for (const line of lines) assert.doesNotMatch(line, /\p{Cc}/u)
})
