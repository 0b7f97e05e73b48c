import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANOTHER_STEP } from '../../../src/hooks/merge-verdicts.ts'
import type { Voice } from '../../../src/hooks/voice.ts'
import { whyOf } from '../../../src/hooks/why.ts'

function voice(plugin: string, verdict: Voice['verdict'], more: Partial<Voice> = {}): Voice {
  const rest = {
    version: '1.2',
    hook: 'authorizePublish',
    source: 'crossing',
    outcome: 'ok',
    micros: 1,
  } as const
  return { plugin, ...rest, verdict, ...more }
}
const allow = { verdict: 'allow' } as const
const deny = { verdict: 'deny' } as const
const abstain = { verdict: 'abstain' } as const

test('a refusal names who said it, and what it outweighs', () => {
  const voices = [voice('gate', deny), voice('a', allow), voice('b', allow), voice('c', abstain)]
  assert.equal(whyOf(deny, voices), 'gate@1.2 said deny, which outweighs 2 allows and 1 abstain')
  const kick = { verdict: 'disconnect' } as const
  assert.equal(
    whyOf(kick, [voice('gate', deny), voice('out', kick)]),
    'out@1.2 said disconnect, which outweighs 1 denial',
  )
})

test('an answer by grants, of before, or in place of a failed plugin is told as that', () => {
  const voices = [
    voice('granter', deny, { source: 'grant' }),
    voice('wise', deny, { source: 'cache' }),
    voice('slow', deny, { outcome: 'timeout' }),
  ]
  assert.equal(
    whyOf(deny, voices),
    'granter@1.2 said deny by its grants and wise@1.2 said deny earlier, which is remembered and ' +
      'slow@1.2 failed (timeout in authorizePublish), for which onFault says deny',
  )
})

test('where all abstain that is why; where nobody was asked, the default or the broker is', () => {
  assert.match(whyOf(deny, [voice('a', abstain)]), /^all who were asked abstained \(a@1.2\)/)
  assert.match(whyOf(allow, []), /the default of the tenant allows/)
  assert.match(whyOf({ ...deny, note: 'over quota' }, []), /the broker .*: over quota$/)
  assert.doesNotMatch(whyOf(deny, [voice('a', ANOTHER_STEP)]), /abstained/)
})

test('plugins that allow and contradict each other are named with what each says', () => {
  for (const field of ['principal', 'rewriteTo'] as const) {
    const voices = [voice('a', { ...allow, [field]: 'x' }), voice('b', { ...allow, [field]: 'y' })]
    const why = `plugins contradict each other about ${field}: a@1.2 says "x" and b@1.2 says "y"`
    assert.equal(whyOf(deny, voices), why)
  }
  const patches = [
    voice('a', { ...allow, note: 'changes topic' }),
    voice('b', { ...allow, note: 'changes qos' }),
  ]
  assert.match(whyOf(deny, patches), /about patch: a@1.2 says changes topic and b@1.2 says changes qos/)
})

test('what proves who somebody is is not told', () => {
  const voices = ['s3cret', 'other'].map((text) => voice(text, { ...allow, authData: Buffer.from(text) }))
  const why = whyOf(
    deny,
    voices.map((each, place) => ({ ...each, plugin: `p${place}` })),
  )
  assert.match(why, /about authData: p0@1.2 says one thing and p1@1.2 says one thing/)
})

test('a plugin that drops is named; of many that say so, the first are', () => {
  const drop = { verdict: 'transform', op: 'drop' } as const
  assert.equal(whyOf(deny, [voice('shaper', drop, { hook: 'transformMessage' })]), 'shaper@1.2 said drop')
  const many = Array.from({ length: 6 }, (_, place) => voice(`p${place}`, deny))
  assert.match(whyOf(deny, many), /^p0@1.2 .* and 2 more$/)
})
