import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Given } from '../../../src/hooks/authentication.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { Refresh, remaining } from '../../../src/protocol/refresh.ts'
import { FakePlugin, hooksOf, type Reply } from '../../support/fake-plugins.ts'
import { eventOf, OnlinePeer } from '../../support/online-peer.ts'

/** What a refresh of one plugin comes to, which is answered so, beside what stands. */
async function outcomeOf(reply: Reply, standing: readonly Given[] = []): Promise<readonly unknown[]> {
  const { staged, client } = await OnlinePeer.open()
  const outcome: unknown[] = []
  const sink = {
    renewed: (verdict: Verdict) => outcome.push(verdict) > 0,
    refused: (verdict: Verdict) => void outcome.push('code' in verdict && verdict.code),
    failed: () => outcome.push('failed') > 0,
  }
  const plugin = new FakePlugin('one', ['authenticate'])
  const { authenticate } = hooksOf([plugin])
  new Refresh(staged.tenant, eventOf(), standing, sink).start(authenticate, client)
  plugin.question(0).answer(reply)
  return outcome
}

const standing: readonly Given[] = [
  { plugin: 'two', allow: { verdict: 'allow', principal: 'ann', roles: ['kept'] }, at: 0 },
]

test('what is said now and what stands become one verdict', async () => {
  assert.deepEqual(await outcomeOf({ verdict: 'allow', roles: ['new'] }, standing), [
    { verdict: 'allow', principal: 'ann', roles: ['kept', 'new'] },
  ])
  assert.deepEqual(await outcomeOf({ verdict: 'deny', code: 0x97 }, standing), [0x97])
  assert.deepEqual(await outcomeOf({ verdict: 'allow', principal: 'bob' }, standing), [0x87])
})

test('who abstains takes his allow back, and somebody has to allow', async () => {
  assert.deepEqual(await outcomeOf({ verdict: 'abstain' }, standing), [standing[0]?.allow])
  assert.deepEqual(await outcomeOf({ verdict: 'abstain' }), [0x8c])
})

test('a failure is no refusal yet; to go on is one', async () => {
  assert.deepEqual(await outcomeOf('timeout'), ['failed'])
  assert.deepEqual(await outcomeOf({ verdict: 'continue' }), [0x87])
})

test('without anybody left to be asked it is refused', async () => {
  const { staged, client } = await OnlinePeer.open()
  const refused: Verdict[] = []
  const sink = {
    renewed: () => assert.fail(),
    refused: (verdict: Verdict) => void refused.push(verdict),
    failed: () => assert.fail(),
  }
  new Refresh(staged.tenant, eventOf(), standing, sink).start([], client)
  assert.equal(refused.length, 1)
})

test('what is left of an allow is less by the time that has passed, and never below nothing', () => {
  const given: Given = {
    plugin: 'one',
    allow: { verdict: 'allow', expiresInMs: 100, refreshInMs: 10 },
    at: 5,
    askedAt: 4,
  }
  assert.deepEqual(remaining(given, 25), {
    plugin: 'one',
    allow: { verdict: 'allow', expiresInMs: 80, refreshInMs: 0 },
    at: 25,
    askedAt: 4,
    stands: true,
  })
  const lasting: Given = { plugin: 'one', allow: { verdict: 'allow' }, at: 0 }
  assert.deepEqual(remaining(lasting, 1).allow, { verdict: 'allow' })
})
