import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AllowedFilter, keepSubscription, rewrites } from '../../../src/protocol/keep-subscription.ts'
import { parsed } from '../../support/topics.ts'
import { StagedRealm } from '../../support/staged-realm.ts'

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
  const wish = { filter: 'a', qos: 2, subscriptionId: 7 }
  assert.deepEqual([wants('a', 1), wants('a', 1), wants('a', 0)], [wish, null, wish])
  assert.deepEqual([wants('b', 2), wants('c', 0, { retainHandling: 2 })], [null, null])
  assert.equal(wants('$share/g/a', 0), null)
})

test('an allow that names another filter is a rewrite', () => {
  assert.equal(rewrites({ verdict: 'allow', rewriteTo: 'b' }, parsed('a')), true)
  assert.equal(rewrites({ verdict: 'allow', rewriteTo: 'a' }, parsed('$share/g/a')), false)
  assert.equal(rewrites({ verdict: 'allow' }, parsed('a')), false)
})
