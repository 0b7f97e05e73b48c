import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  VERDICT_CHARS_PER_TENANT,
  REMEMBERED_TOPIC_CHARS,
  VERDICTS_PER_CLIENT,
} from '../../../src/base/limits.ts'
import type { Inquiry } from '../../../src/hooks/inquiry.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { VerdictCache } from '../../../src/hooks/verdict-cache.ts'
import { VerdictMemory } from '../../../src/hooks/verdict-memory.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { topicNames } from '../../support/topics.ts'

const ABOUT: Inquiry = { action: 'publish', topic: 'a', qos: 0, retain: false, share: '' }
const gate = new FakePlugin('gate', [])
const allow = (cacheMs = 1000, cacheTag?: string): Verdict => ({
  verdict: 'allow',
  cacheMs,
  ...(cacheTag === undefined ? {} : { cacheTag }),
})

test('what was kept is found until its time is over, allow and deny alike, with all that it says', () => {
  for (const verdict of [
    { verdict: 'allow', cacheMs: 10, maxQos: 1, throttleMs: 5 },
    { verdict: 'deny', cacheMs: 10, code: 0x87, reason: 'no' },
  ] as const) {
    const cache = new VerdictCache(new VerdictMemory())
    cache.keep(gate, ABOUT, verdict, 100)
    assert.equal(cache.find(gate, ABOUT, 109.9), verdict)
    assert.equal(cache.find(gate, ABOUT, 110), null)
    assert.equal(cache.size, 0)
  }
})

test('nothing is kept of a verdict that does not say for how long', () => {
  const cache = new VerdictCache(new VerdictMemory())
  for (const verdict of [
    { verdict: 'allow' },
    { verdict: 'allow', cacheMs: 0 },
    { verdict: 'deny', cacheTag: 't' },
    { verdict: 'abstain' },
    { verdict: 'disconnect' },
  ] as const) {
    cache.keep(gate, ABOUT, verdict, 0)
  }
  assert.equal(cache.size, 0)
})

test('nothing is kept about a topic so long that looking it up would take long', () => {
  const cache = new VerdictCache(new VerdictMemory())
  cache.keep(gate, { ...ABOUT, topic: 'x'.repeat(REMEMBERED_TOPIC_CHARS + 1) }, allow(), 0)
  assert.equal(cache.size, 0)
  const longest = { ...ABOUT, topic: 'x'.repeat(REMEMBERED_TOPIC_CHARS) }
  cache.keep(gate, longest, allow(), 0)
  assert.notEqual(cache.find(gate, longest, 0), null)
})

const inquiries: fc.Arbitrary<Inquiry> = fc.record({
  action: fc.constantFrom('publish' as const, 'subscribe' as const, 'receive' as const),
  topic: fc.oneof(topicNames, fc.constantFrom('gate\na', '\na', '1 0 g\na')),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  retain: fc.boolean(),
  share: fc.constantFrom('', 'g', '1 0'),
})

test('an answer is found for the same question alone, of the same plugin', () => {
  const other = new FakePlugin('other', [])
  fc.assert(
    fc.property(inquiries, inquiries, (kept, asked) => {
      const cache = new VerdictCache(new VerdictMemory())
      const verdict = allow()
      cache.keep(gate, kept, verdict, 0)
      const isSame = JSON.stringify(kept) === JSON.stringify(asked)
      assert.equal(cache.find(gate, asked, 1) !== null, isSame)
      assert.equal(cache.find(other, kept, 1), null)
    }),
    { numRuns: 2000 },
  )
})

test('a new version of a plugin has said nothing yet', () => {
  const cache = new VerdictCache(new VerdictMemory())
  cache.keep(gate, ABOUT, allow(), 0)
  assert.equal(cache.find(new FakePlugin('gate', []), ABOUT, 1), null)
  assert.equal(cache.size, 0)
})

test('while a plugin does not answer, neither does what it said before', () => {
  const cache = new VerdictCache(new VerdictMemory())
  const sick: { name: string; state: FakePlugin['state'] | 'quarantined' | 'failed' | 'stopped' } = {
    name: 'gate',
    state: 'active',
  }
  cache.keep(sick, ABOUT, allow(), 0)
  for (const state of ['quarantined', 'failed', 'stopped'] as const) {
    sick.state = state
    assert.equal(cache.find(sick, ABOUT, 1), null, state)
  }
  sick.state = 'active'
  assert.notEqual(cache.find(sick, ABOUT, 1), null)
})

const about = (place: number): Inquiry => ({ ...ABOUT, topic: `t/${place}` })

test('at the bound the oldest of this client goes', () => {
  const memory = new VerdictMemory()
  const cache = new VerdictCache(memory)
  for (let place = 0; place < VERDICTS_PER_CLIENT; place += 1) cache.keep(gate, about(place), allow(), 0)
  cache.keep(gate, about(0), allow(), 0) // said again: the youngest now
  cache.keep(gate, about(-1), allow(), 0)
  assert.deepEqual([cache.size, memory.verdicts], [VERDICTS_PER_CLIENT, VERDICTS_PER_CLIENT])
  assert.notEqual(cache.find(gate, about(0), 1), null)
  assert.equal(cache.find(gate, about(1), 1), null)
})

test('where the tenant has no room, a client loses its own oldest, and nobody else’s', () => {
  const memory = new VerdictMemory()
  const [ann, bob] = [new VerdictCache(memory), new VerdictCache(memory)]
  ann.keep(gate, ABOUT, allow(), 0)
  bob.keep(gate, ABOUT, allow(), 0)
  bob.keep(gate, ABOUT, allow(1000, 'x'.repeat(VERDICT_CHARS_PER_TENANT)), 0)
  assert.deepEqual([ann.size, bob.size, memory.verdicts], [1, 0, 1])
})

test('what one plugin said is dropped by its tag or as a whole; the room is given back', () => {
  const memory = new VerdictMemory()
  const cache = new VerdictCache(memory)
  const other = new FakePlugin('other', [])
  for (const [topic, tag] of [['1', 'x'], ['2', 'y'], ['3', undefined]] as const) {
    cache.keep(gate, { ...ABOUT, topic }, allow(1000, tag), 0)
    cache.keep(other, { ...ABOUT, topic }, allow(1000, tag), 0)
  } // biome-ignore format: a table
  assert.equal(cache.drop('gate', 'x'), 1)
  assert.equal(cache.drop('gate', 'nobody'), 0)
  assert.equal(cache.drop('gate', null), 2)
  assert.deepEqual([cache.size, memory.verdicts], [3, 3])
  cache.clear()
  assert.deepEqual([cache.size, memory.verdicts], [0, 0])
})
