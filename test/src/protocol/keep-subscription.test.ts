import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AllowedFilter, keepSubscription } from '../../../src/protocol/keep-subscription.ts'
import { sendRetained } from '../../../src/protocol/send-retained.ts'
import { rewrite } from '../../../src/router/rewriting.ts'
import { received } from '../../support/messages.ts'
import { TestLink } from '../../support/sessions.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { parsed } from '../../support/topics.ts'

const REQUEST = {
  qos: 2,
  noLocal: true,
  retainAsPublished: true,
  retainHandling: 0,
  subscriptionId: 7,
} as const

function allowed(filter: string, verdict: object = {}, request: object = {}): AllowedFilter {
  return {
    request: { ...REQUEST, filter, ...request },
    parsed: parsed(filter),
    verdict: { verdict: 'allow', ...verdict },
  }
}

test('what was asked for is kept, as far as the verdict leaves it', async () => {
  const realm = await StagedRealm.open()
  const session = realm.session('ann')
  const keep = (filter: AllowedFilter) => keepSubscription(realm.node, realm.tenant, session, filter)
  assert.equal(keep(allowed('a'))?.qos, 2)
  const { parsed: _parsed, ...plain } = { ...session.subscriptions.get('a') }
  assert.deepEqual(plain.options, { qos: 2, noLocal: true, retainAsPublished: true, subscriptionId: 7 })
  assert.equal(keep(allowed('a', { maxQos: 1, noLocal: false, retainAsPublished: false }))?.qos, 1)
  assert.deepEqual(session.subscriptions.get('a')?.options, {
    qos: 1,
    noLocal: false,
    retainAsPublished: false,
    subscriptionId: 7,
  })
  assert.equal(realm.tenant.subscriptions.size, 1)
})

test('retained messages are wanted as retain handling says, and never for a shared subscription', async () => {
  const realm = await StagedRealm.open()
  const session = realm.session('ann')
  const wants = (filter: string, retainHandling: number, verdict: object = {}) =>
    keepSubscription(realm.node, realm.tenant, session, allowed(filter, verdict, { retainHandling }))
      ?.retained
  const wish = { routed: parsed('a'), qos: 2, subscriptionId: 7 }
  assert.deepEqual([wants('a', 1), wants('a', 1), wants('a', 0)], [wish, null, wish])
  assert.deepEqual([wants('b', 2), wants('c', 0, { retainHandling: 2 })], [null, null])
  assert.equal(wants('$share/g/a', 0), null)
})

/** `filter`, routed as `routed`. */
function rewritten(filter: string, routed: string, request: object = {}): AllowedFilter {
  const to = rewrite(parsed(filter), routed)
  if ('refusal' in to) throw new Error(to.refusal)
  return { ...allowed(filter, {}, { noLocal: false, ...request }), parsed: to }
}

test('a subscription goes by the client’s filter, whatever it is routed by', async () => {
  const realm = await StagedRealm.open()
  const session = realm.session('ann')
  const keep = (filter: AllowedFilter) => keepSubscription(realm.node, realm.tenant, session, filter)
  const names = (topic: string) => realm.tenant.subscriptions.match(topic).matches.map(({ as }) => as)
  keep(rewritten('a/#', 'home/#'))
  keep(rewritten('b/#', 'home/#'))
  keep(allowed('home/#'))
  assert.deepEqual(names('home/x'), ['a/x', 'b/x', null])
  keep(rewritten('b/#', 'away/#'))
  assert.deepEqual([names('home/x'), names('away/x')], [['a/x', null], ['b/x']])
  keep(allowed('b/#'))
  assert.deepEqual([names('away/x'), names('b/x')], [[], [null]])
  assert.deepEqual([...session.subscriptions.keys()], ['a/#', 'b/#', 'home/#'])
  assert.equal(realm.tenant.subscriptions.size, 3)
})

test('retained messages of a rewritten subscription have the names that the client asked for', async () => {
  const realm = await StagedRealm.open()
  const link = new TestLink()
  const session = realm.session('ann', link)
  for (const topic of ['home', 'home/x', 'home/$x', 'away/x']) {
    realm.node.engine.retained.set('acme', topic, received({ topic, retain: true }))
  }
  const asked = rewritten('#', 'home/#', { qos: 0 })
  const kept = keepSubscription(realm.node, realm.tenant, session, asked)
  assert.ok(kept?.retained)
  sendRetained(realm.node, realm.tenant, session, [kept.retained])
  const got = link.publishes().map(({ topic, retain, properties }) => ({ topic, retain, properties }))
  // neither home itself nor $x can be meant by #
  assert.deepEqual(got, [{ topic: 'x', retain: true, properties: { subscriptionIdentifier: 7 } }])
})
