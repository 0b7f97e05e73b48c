import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SUBSCRIPTION_COST } from '../../../src/base/limits.ts'
import type { WorkTurns } from '../../../src/base/work-turns.ts'
import { createMessage } from '../../../src/codec/message.ts'
import { keepSubscription } from '../../../src/protocol/keep-subscription.ts'
import { recheckSubscriptions, tellLost } from '../../../src/protocol/recheck-subscriptions.ts'
import { Outgoing } from '../../../src/session/outgoing.ts'
import type { Session } from '../../../src/session/session.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { testClient } from '../../support/sessions.ts'
import { parsed } from '../../support/topics.ts'
import { CountedTurns, endlessTurns } from '../../support/turns.ts'

/** A session with these subscriptions, in a tenant where `gate` decides and hears of what is lost. */
async function staged(filters: readonly string[], turns: WorkTurns = endlessTurns()) {
  const gate = new FakePlugin('gate', ['authorizeSubscribe', 'onBrokerClientUnsubscribed'])
  const realm = await StagedRealm.open({ plugins: [gate], turns })
  const session = realm.session('ann')
  for (const filter of filters) subscribe(realm, session, filter)
  const check = () =>
    recheckSubscriptions(realm.tenant, session, session.client, () => session.client.clientId === 'ann')
  return { gate, realm, session, check }
}

function subscribe(realm: StagedRealm, session: Session, filter: string): void {
  const request = { filter, qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 0 } as const
  keepSubscription(realm.node, realm.tenant, session, {
    request: { ...request, subscriptionId: 0 },
    parsed: parsed(filter),
    verdict: { verdict: 'allow' },
  })
}

function waiting(topic: string, filter: string): Outgoing {
  return new Outgoing(
    createMessage({ topic, payload: Buffer.from('x'), qos: 1, retain: false }),
    1,
    false,
    { subscriptionIds: null, filter, as: null },
    'allowed',
  )
}

test('all are asked about as they are; the refused ones are taken away, and told of', async () => {
  const { gate, realm, session, check } = await staged(['a/#', '$share/g/b', 'c'])
  const checking = check()
  const asked = { qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 2 }
  assert.deepEqual(gate.question(0).event, {
    filters: [
      { filter: 'a/#', ...asked },
      { filter: 'b', share: 'g', ...asked },
      { filter: 'c', ...asked },
    ],
  })
  gate.question(0).answer({
    verdict: 'filters',
    filters: [{ verdict: 'allow' }, { verdict: 'deny', code: 0x87 }, { verdict: 'allow', rewriteTo: 'd' }],
  })
  // what it is rewritten to is asked about as well, though the subscription was made for another filter
  gate.question(1).answer({ verdict: 'allow' })
  const lost = await checking
  assert.deepEqual(
    lost.map(({ filter }) => filter),
    ['$share/g/b', 'c'],
  )
  assert.deepEqual([...session.subscriptions.keys()], ['a/#'])
  assert.equal(realm.tenant.subscriptions.size, 1)
  assert.deepEqual(gate.told, [])
  tellLost(realm.node, realm.tenant, session, lost)
  assert.deepEqual(
    gate.told.map(({ event }) => event),
    [{ filter: '$share/g/b' }, { filter: 'c' }],
  )
  assert.deepEqual(
    realm.node.refused.map(({ action, topic, reasonCode, voices }) => [
      action,
      topic,
      reasonCode,
      voices?.length,
    ]),
    [
      ['subscribe', '$share/g/b', 0x87, 1],
      ['subscribe', 'c', 0x83, 2],
    ],
  )
})

test('a QoS that is lowered now is lowered', async () => {
  const { gate, realm, session, check } = await staged(['a'])
  const checking = check()
  gate.question(0).answer({ verdict: 'allow', maxQos: 0 })
  assert.deepEqual(await checking, [])
  assert.equal(session.subscriptions.get('a')?.options.qos, 0)
  assert.equal(realm.tenant.subscriptions.match('a').matches[0]?.qos, 0)
})

test('what the client changed meanwhile is its own: nothing newer is taken away', async () => {
  const { gate, realm, session, check } = await staged(['a', 'b'])
  const checking = check()
  session.unsubscribe('a')
  subscribe(realm, session, 'b')
  gate.question(0).answer({ verdict: 'deny' })
  assert.deepEqual(await checking, [])
  assert.deepEqual([...session.subscriptions.keys()], ['b'])
})

test('a session that is somebody else’s by then keeps what it has', async () => {
  const gate = new FakePlugin('gate', ['authorizeSubscribe'])
  const realm = await StagedRealm.open({ plugins: [gate] })
  const session = realm.session('ann')
  subscribe(realm, session, 'a')
  const checking = recheckSubscriptions(realm.tenant, session, session.client, () => false)
  gate.question(0).answer({ verdict: 'deny' })
  assert.deepEqual(await checking, [])
  assert.equal(session.subscriptions.size, 1)
})

test('what waits because of a lost subscription goes with it, unless another one brings it too', async () => {
  const { gate, realm, session, check } = await staged(['a/#', '+/both', 'c'])
  const queued = [waiting('a/alone', 'a/#'), waiting('a/both', 'a/#'), waiting('c', 'c')]
  for (const each of queued) session.outbound.enqueue(each)
  const sent = [waiting('a/alone', 'a/#'), waiting('a/both', 'a/#')]
  for (const each of sent) session.outbound.launch(each)
  const checking = check()
  gate.question(0).answer({
    verdict: 'filters',
    filters: [{ verdict: 'deny' }, { verdict: 'allow' }, { verdict: 'allow' }],
  })
  await checking
  assert.deepEqual([session.outbound.dequeue(), session.outbound.dequeue()], [queued[1], queued[2]])
  assert.equal(session.outbound.waiting.length, 0)
  session.outbound.resume()
  assert.deepEqual(
    sent.map(({ check: found }) => found),
    ['denied', 'due'],
    'and what it was sent before is not sent again',
  )
  assert.equal(realm.tenant.subscriptions.match('a/alone').matches.length, 0)
})

test('what is lost is taken away, withdrawn and told of in as many turns as it takes', async () => {
  const filters = ['a', 'b', 'c', 'd']
  const { gate, realm, session, check } = await staged(filters, new CountedTurns(SUBSCRIPTION_COST))
  for (const filter of filters) session.outbound.enqueue(waiting(filter, filter))
  const sizes: number[] = []
  const queues: number[] = []
  const told: number[] = []
  const telling = check().then((lost) => tellLost(realm.node, realm.tenant, session, lost))
  gate.question(0).answer({ verdict: 'deny' })
  for (; told.at(-1) !== filters.length; await nextTurn()) {
    sizes.push(session.subscriptions.size)
    queues.push(session.outbound.waiting.length)
    told.push(realm.node.refused.length)
  }
  await telling
  assert.deepEqual(new Set(sizes), new Set([4, 3, 2, 1, 0]))
  assert.deepEqual(new Set(queues), new Set([4, 0]))
  assert.deepEqual(new Set(told), new Set([0, 1, 2, 3, 4]))
})

test('who becomes somebody else meanwhile keeps the rest, and nothing that came by what it lost', async () => {
  const { gate, session, check } = await staged(['a', 'b'], new CountedTurns(SUBSCRIPTION_COST))
  const queued = [waiting('a', 'a'), waiting('b', 'b')]
  for (const outgoing of queued) session.outbound.enqueue(outgoing)
  const checking = check()
  gate.question(0).answer({ verdict: 'deny' })
  for (; session.subscriptions.size > 1; await nextTurn());
  session.client = testClient('bob')
  assert.deepEqual(
    (await checking).map(({ filter }) => filter),
    ['a'],
  )
  assert.deepEqual([...session.subscriptions.keys()], ['b'])
  assert.deepEqual([session.outbound.dequeue(), session.outbound.dequeue()], [queued[1], undefined])
})

test('where nobody decides nothing changes, whatever the default is', async () => {
  const realm = await StagedRealm.open({ topicDefault: 'deny' })
  const session = realm.session('ann')
  subscribe(realm, session, 'a')
  assert.deepEqual(await recheckSubscriptions(realm.tenant, session, session.client, () => true), [])
  assert.equal(session.subscriptions.size, 1)
})
