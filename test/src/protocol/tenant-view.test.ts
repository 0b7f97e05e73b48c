import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FairTurns } from '../../../src/base/fair-turns.ts'
import { SESSIONS_PER_LOOK } from '../../../src/base/limits.ts'
import { createMessage } from '../../../src/codec/message.ts'
import { TenantView } from '../../../src/protocol/tenant-view.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { rewrite } from '../../../src/router/rewriting.ts'
import { parsed } from '../../support/topics.ts'

async function staged(turns = new FairTurns(10, 10)): Promise<{ realm: StagedRealm; view: TenantView }> {
  const realm = await StagedRealm.open()
  return { realm, view: new TenantView(realm.node, realm.tenant, turns) }
}

const OPTIONS = { qos: 1, noLocal: false, retainAsPublished: false, subscriptionId: 0 } as const

test('a session is seen with its client, its counts, and nothing live', async () => {
  const { realm, view } = await staged()
  const session = realm.session('ann', null, { principal: 'Ann', username: 'ann@x', protocolVersion: 4 })
  session.expirySec = 60
  session.subscribe('a', { parsed: parsed('a'), options: OPTIONS })
  const seen = {
    clientId: 'ann',
    connected: false,
    principal: 'Ann',
    username: 'ann@x',
    protocolVersion: 4,
    connectedAt: 1,
    expirySec: 60,
    subscriptions: 1,
    queued: 0,
    inflight: 0,
  } as const
  assert.deepEqual(view.session('ann'), seen)
  realm.session('bob')
  assert.equal(view.session('bob')?.connected, true)
  assert.equal('username' in (view.session('bob') ?? {}), false)
  assert.equal(view.session('nobody'), undefined)
})

test('sessions are listed in order, page by page, whatever they are called', async () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(ids, fc.integer({ min: 1, max: 7 }), async (clientIds, limit) => {
      const { realm, view } = await staged()
      for (const clientId of clientIds) realm.session(clientId, null)
      const seen: string[] = []
      for (;;) {
        const page = await view.sessions(seen.at(-1), limit)
        assert.ok(page !== 'busy' && page.length <= limit)
        if (page.length === 0) break
        seen.push(...page.map(({ clientId }) => clientId))
      }
      assert.deepEqual(
        seen,
        clientIds.toSorted((one, other) => (one < other ? -1 : 1)),
      )
    }),
    { numRuns: 50 },
  )
})

test('however many sessions there are, all are looked at, a few a turn', async () => {
  const { realm, view } = await staged(new FairTurns(0, 10))
  const ids = Array.from({ length: 2 * SESSIONS_PER_LOOK + 1 }, (_, number) => String(9e6 - number))
  for (const clientId of ids) realm.session(clientId, null)
  let turns = 0
  let isListed = false
  const listing = view.sessions(undefined, 2).finally(() => (isListed = true))
  const count = (): void => {
    turns += 1
    if (!isListed) setImmediate(count)
  }
  count()
  const page = await listing
  assert.ok(page !== 'busy')
  assert.ok(turns >= 3, `${turns} turns`)
  assert.deepEqual(
    page.map(({ clientId }) => clientId),
    ids.toReversed().slice(0, 2),
  )
})

test('retained messages are seen with size and payload, but not above the bound, nor once expired', async () => {
  const { realm, view } = await staged()
  const keep = (topic: string, text: string, expiresAt = 0): unknown =>
    realm.node.engine.retained.set(
      'acme',
      topic,
      createMessage({ topic, payload: Buffer.from(text), qos: 1, retain: true, expiresAt }),
    )
  keep('a/1', 'four')
  keep('a/2', 'longer')
  keep('a/3', 'gone', 1)
  const [four, longer] = [
    { topic: 'a/1', qos: 1, size: 4, payload: Buffer.from('four') },
    { topic: 'a/2', qos: 1, size: 6 },
  ]
  assert.deepEqual(await view.retained('a/1', 4), four)
  assert.deepEqual(await view.retained('a/2', 4), longer)
  assert.deepEqual(await view.retained('a/1', -1), { topic: 'a/1', qos: 1, size: 4 })
  assert.equal(await view.retained('a/3', 4), undefined)
  const list = await view.retainedMatching('a/#', 10, 4)
  assert.ok(list !== 'busy')
  assert.deepEqual(
    list.toSorted((one, other) => (one.topic < other.topic ? -1 : 1)),
    [four, longer],
  )
  assert.equal((await view.retainedMatching('a/#', 1, 4)).length, 1)
})

test('subscriptions are seen by client and by topic, members of a share each', async () => {
  const { realm, view } = await staged()
  const subscribe = (clientId: string, filter: string): void => {
    const session = realm.tenant.sessions.get(clientId) ?? realm.session(clientId)
    const subscription = { parsed: parsed(filter), options: OPTIONS }
    session.subscribe(filter, subscription)
    realm.tenant.subscriptions.add(subscription.parsed, session, OPTIONS)
  }
  subscribe('ann', 'a/+')
  subscribe('ann', 'b')
  subscribe('bob', '$share/g/a/#')
  subscribe('carl', '$share/g/a/#')
  assert.deepEqual(view.subscriptionsOf('ann', 10), [
    { clientId: 'ann', filter: 'a/+', qos: 1 },
    { clientId: 'ann', filter: 'b', qos: 1 },
  ])
  assert.equal(view.subscriptionsOf('ann', 1).length, 1)
  assert.deepEqual(view.subscriptionsOf('nobody', 10), [])
  const matching = [
    { clientId: 'ann', filter: 'a/+', qos: 1 },
    { clientId: 'bob', filter: 'a/#', share: 'g', qos: 1 },
    { clientId: 'carl', filter: 'a/#', share: 'g', qos: 1 },
  ]
  for (const limit of [1, 2, 3, 10]) {
    assert.deepEqual(await view.subscriptionsMatching('a/x', limit), matching.slice(0, limit))
  }
})

test('a rewritten subscription is seen as its client asked for it, and by what it is routed', async () => {
  const { realm, view } = await staged()
  for (const [asked, share] of [
    ['mine/#', ''],
    ['$share/g/mine/#', 'g'],
  ] as const) {
    const routed = rewrite(parsed(asked), 'home/#')
    assert.ok(!('refusal' in routed))
    const session = realm.session(`c${share}`)
    session.subscribe(asked, { parsed: routed, options: OPTIONS })
    realm.tenant.subscriptions.add(routed, session, OPTIONS)
    const seen = {
      clientId: session.clientId,
      filter: 'mine/#',
      routed: 'home/#',
      ...(share && { share }),
      qos: 1,
    }
    assert.deepEqual(view.subscriptionsOf(session.clientId, 10), [seen])
    const matching = await view.subscriptionsMatching('home/lamp', 10)
    assert.ok(matching !== 'busy')
    assert.deepEqual(matching.at(-1), seen)
  }
})

test('what reads many is done in turns; past their bound it says busy', async () => {
  const { view } = await staged(new FairTurns(10, 1))
  const first = view.sessions(undefined, 1)
  assert.deepEqual(
    await Promise.all([
      view.sessions(undefined, 1),
      view.retainedMatching('#', 1, -1),
      view.subscriptionsMatching('a', 1),
    ]),
    ['busy', 'busy', 'busy'],
  )
  assert.deepEqual(await first, [])
})
