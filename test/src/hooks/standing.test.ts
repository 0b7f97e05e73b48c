import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TAGS_PER_CLIENT } from '../../../src/base/limits.ts'
import type { Inquiry } from '../../../src/hooks/inquiry.ts'
import { Standing } from '../../../src/hooks/standing.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { VerdictMemory } from '../../../src/hooks/verdict-memory.ts'
import { type GrantRule, GrantTree } from '../../../src/router/grant-tree.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'

const gate = new FakePlugin('gate', [])
const other = new FakePlugin('other', [])
const ABOUT: Inquiry = { action: 'publish', topic: 'a', qos: 0, retain: false, share: '' }
const CACHED: Verdict = { verdict: 'allow', cacheMs: 100_000, cacheTag: 'x' }
const NOW = (): number => performance.now()

function tree(...rules: readonly Partial<GrantRule>[]): GrantTree {
  const whole = rules.map(
    (rule): GrantRule => ({ effect: 'allow', actions: ['publish', 'subscribe'], filter: 'a', ...rule }),
  )
  return new GrantTree(whole, { clientId: 'c', username: undefined, tenant: 't', attributes: {} })
}

/** What the standing says in place of a plugin, as one word; `asked`: nothing. */
function said(standing: Standing, inquiry: Partial<Inquiry> = {}, declares = true, plugin = gate): string {
  const advance = standing.answerOf({ plugin, declares }, { ...ABOUT, ...inquiry })
  return advance === null ? 'asked' : `${advance.source} ${advance.verdict.verdict}`
}

test('of whom nobody has said anything, everything is asked', () => {
  const standing = new Standing(new VerdictMemory())
  assert.equal(standing.isEmpty, true)
  assert.equal(said(standing), 'asked')
  assert.deepEqual(standing.grantersOf('publish'), [])
})

test('grants answer in place of their plugin: allow, deny, and a refusal of what they do not speak of', () => {
  const standing = new Standing()
  standing.grant('gate', tree({}, { effect: 'deny', filter: 'b' }, { effect: 'ask', filter: 'c' }))
  assert.equal(standing.isEmpty, false)
  assert.equal(said(standing), 'grant allow')
  assert.equal(said(standing, { topic: 'b' }), 'grant deny')
  assert.equal(said(standing, { topic: 'nowhere' }), 'grant deny')
  assert.equal(said(standing, { topic: 'c' }), 'asked')
  assert.equal(said(standing, { topic: 'c' }, false), 'grant abstain', 'there is no hook to be asked')
  assert.equal(said(standing, {}, true, other), 'asked', 'another plugin has granted nothing')
})

test('no grants at all are a refusal of everything', () => {
  const standing = new Standing()
  standing.grant('gate', tree())
  assert.equal(said(standing), 'grant deny')
  assert.equal(said(standing, { action: 'subscribe' }), 'grant deny')
})

test('grants decide on receiving only where one of them names it', () => {
  const silent = new Standing()
  silent.grant('gate', tree({}))
  assert.deepEqual(silent.grantersOf('publish'), ['gate'])
  assert.deepEqual(silent.grantersOf('receive'), [])
  assert.equal(said(silent, { action: 'receive', topic: 'b' }), 'asked')
  const speaking = new Standing()
  speaking.grant('gate', tree({ actions: ['receive'] }))
  assert.deepEqual(speaking.grantersOf('receive'), ['gate'])
  assert.equal(said(speaking, { action: 'receive' }), 'grant allow')
  assert.equal(said(speaking, { action: 'receive', topic: 'b' }), 'grant deny')
})

test('a verdict that may be reused answers the next such question', () => {
  const standing = new Standing(new VerdictMemory())
  standing.remember(gate, ABOUT, CACHED, NOW())
  assert.equal(standing.isEmpty, false)
  assert.equal(said(standing), 'cache allow')
  assert.equal(said(standing, { topic: 'b' }), 'asked')
})

test('an ask that was answered before is not asked again', () => {
  const standing = new Standing(new VerdictMemory())
  standing.grant('gate', tree({ effect: 'ask' }))
  standing.remember(gate, ABOUT, CACHED, NOW())
  assert.equal(said(standing), 'cache allow')
})

test('what is taken back is forgotten, by its tag or as a whole; of other plugins nothing is', () => {
  for (const tag of ['x', null]) {
    const standing = new Standing(new VerdictMemory())
    standing.grant('other', tree({}), 'x')
    standing.remember(gate, ABOUT, CACHED, NOW())
    standing.remember(other, { ...ABOUT, action: 'receive' }, CACHED, NOW())
    assert.deepEqual(standing.takeBack('gate', 'y'), { verdicts: 0, grants: false, concerned: false })
    assert.deepEqual(standing.takeBack('gate', tag), { verdicts: 1, grants: false, concerned: tag === null })
    assert.equal(said(standing), 'asked')
    assert.equal(said(standing, {}, false, other), 'grant allow')
    assert.equal(said(standing, { action: 'receive' }, true, other), 'cache allow')
  }
})

test('after its grants were taken back the plugin’s own hook decides, and a refusal where it has none', () => {
  const standing = new Standing()
  standing.grant('gate', tree({}), 'team')
  assert.deepEqual(standing.takeBack('gate', 'team'), { verdicts: 0, grants: true, concerned: true })
  assert.equal(said(standing), 'asked')
  assert.equal(said(standing, {}, false), 'grant deny')
  assert.equal(said(standing, { action: 'receive' }, false), 'asked', 'they did not speak of it before')
  assert.deepEqual(standing.grantersOf('subscribe'), ['gate'], 'it still has a say')
  assert.equal(standing.isEmpty, false)
  assert.equal(standing.takeBack('gate', null).grants, false)
})

test('grants that were asked for before their plugin took them back are forgotten, of whomever they were', () => {
  const memory = new VerdictMemory()
  const askedAt = NOW()
  memory.takeBack('gate', { clientId: 'ann' })
  memory.takeBack('gate', { tag: 'team' })
  const granted = (clientId: string, tag: string, at: number): string => {
    const standing = new Standing(memory)
    standing.grant('gate', tree({}), tag, at)
    standing.forgetOutdated(clientId)
    return said(standing, {}, false)
  }
  assert.equal(granted('ann', 'other', askedAt), 'grant deny')
  assert.equal(granted('bob', 'team', askedAt), 'grant deny')
  assert.equal(granted('bob', 'other', askedAt), 'grant allow')
  assert.equal(granted('ann', 'team', NOW() + 1), 'grant allow', 'asked for after it')
})

test('an answer to a question of before is not remembered once its plugin took something back', () => {
  const memory = new VerdictMemory()
  const standing = new Standing(memory)
  const askedAt = NOW()
  memory.takeBack('gate', { tag: 'any' })
  standing.remember(gate, ABOUT, CACHED, askedAt)
  standing.remember(other, ABOUT, CACHED, askedAt)
  assert.equal(said(standing), 'asked')
  assert.equal(said(standing, {}, true, other), 'cache allow')
  assert.deepEqual(
    [standing.hasTakenBack('gate', askedAt), standing.hasTakenBack('other', askedAt)],
    [true, false],
  )
})

test('a tag concerns whom it allowed a subscription, long after the verdict itself is forgotten', () => {
  const standing = new Standing(new VerdictMemory())
  const subscribe = { ...ABOUT, action: 'subscribe' as const }
  standing.remember(gate, subscribe, { verdict: 'allow', cacheTag: 'team' }, NOW())
  standing.remember(gate, subscribe, { verdict: 'deny', cacheTag: 'denied' }, NOW())
  standing.remember(gate, ABOUT, { verdict: 'allow', cacheTag: 'publishing' }, NOW())
  assert.equal(standing.takeBack('gate', 'team').concerned, true)
  for (const tag of ['denied', 'publishing']) assert.equal(standing.takeBack('gate', tag).concerned, false)
  assert.equal(standing.takeBack('other', 'team').concerned, false)
})

test('with more tags than are kept, any tag may be one of them', () => {
  const standing = new Standing(new VerdictMemory())
  const subscribe = { ...ABOUT, action: 'subscribe' as const }
  const allow = (place: number): void =>
    standing.remember(gate, subscribe, { verdict: 'allow', cacheTag: `tag ${place}` }, NOW())
  for (let place = 0; place < TAGS_PER_CLIENT; place += 1) allow(place)
  assert.equal(standing.takeBack('gate', 'unknown').concerned, false)
  allow(TAGS_PER_CLIENT)
  assert.equal(standing.takeBack('gate', 'unknown').concerned, true)
})

test('when the connection ends verdicts are forgotten and none is kept any more; grants stay', () => {
  const memory = new VerdictMemory()
  const standing = new Standing(memory)
  standing.remember(gate, ABOUT, CACHED, NOW())
  standing.close()
  standing.remember(gate, ABOUT, CACHED, NOW())
  assert.deepEqual([standing.isEmpty, memory.verdicts], [true, 0])
  const granted = new Standing(memory)
  granted.grant('gate', tree({}))
  granted.close()
  assert.equal(said(granted), 'grant allow')
})
