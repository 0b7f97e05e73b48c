import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain } from '../../../src/protocol/explain.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { StagedRealm } from '../../support/staged-realm.ts'

const ASKED = { client: 'ann', action: 'publish', topic: 'a', qos: 1, retain: false } as const

test('a client without a session cannot be asked about, nor a topic that is none', async () => {
  const realm = await StagedRealm.open()
  assert.equal(await explain(realm.node, realm.tenant, ASKED), null)
  realm.session('ann')
  for (const topic of ['', 'a/#', '+', 'a#']) {
    assert.equal(await explain(realm.node, realm.tenant, { ...ASKED, topic }), 'invalid', topic)
  }
  const filter = await explain(realm.node, realm.tenant, { ...ASKED, action: 'subscribe', topic: 'a/#' })
  assert.ok(filter !== null && filter !== 'invalid')
})

test('a refusal says the code, the words for the client, those for the operator, and how it is told', async () => {
  const gate = new FakePlugin('gate', ['authorizePublish'])
  gate.reply = { verdict: 'deny', code: 0x87, reason: 'not yours', note: 'acl line 7' }
  const realm = await StagedRealm.open({ plugins: [gate] })
  realm.session('ann', null)
  const refused = await explain(realm.node, realm.tenant, ASKED)
  assert.ok(refused !== null && refused !== 'invalid')
  const { connected, allowed, reasonCode, reason, detail, told } = refused
  assert.deepEqual(
    { connected, allowed, reasonCode, reason, detail, told },
    {
      connected: false,
      allowed: false,
      reasonCode: 0x87,
      reason: 'not yours',
      detail: 'acl line 7',
      told: 'PUBACK 0x87',
    },
  )
})

test('what is no action, topic, QoS or flag is asked of nobody', async () => {
  const gate = new FakePlugin('gate', ['authorizePublish'])
  const realm = await StagedRealm.open({ plugins: [gate] })
  realm.session('ann')
  for (const wrong of [
    { action: 'unsubscribe' },
    { topic: undefined },
    { qos: undefined },
    { qos: 3 },
    { retain: 'no' },
  ]) {
    const asked = { ...ASKED, ...wrong } as typeof ASKED
    assert.equal(await explain(realm.node, realm.tenant, asked), 'invalid', JSON.stringify(wrong))
  }
  assert.equal(gate.asked.length, 0)
})

for (const [verdict, told] of [
  [{ verdict: 'deny', ack: 'silent' }, 'an acknowledgement as if it were delivered: dropped'],
  [{ verdict: 'disconnect', code: 0x98 }, 'DISCONNECT 0x98'],
] as const) {
  test(`what a client hears of ${JSON.stringify(verdict)} is no refused acknowledgement`, async () => {
    const gate = new FakePlugin('gate', ['authorizePublish'])
    gate.reply = verdict
    const realm = await StagedRealm.open({ plugins: [gate] })
    realm.session('ann')
    const refused = await explain(realm.node, realm.tenant, ASKED)
    assert.ok(refused !== null && refused !== 'invalid')
    assert.equal(refused.told, told)
  })
}

test('who won, over whom, is said in words; so is what becomes of it', async () => {
  const gate = new FakePlugin('gate', ['authorizePublish', 'authorizeSubscribe'])
  const shaper = new FakePlugin('shaper', ['transformMessage'])
  gate.reply = { verdict: 'allow', rewriteTo: 'b' }
  shaper.reply = { verdict: 'transform', op: 'patch', patch: { topic: 'b' } }
  const realm = await StagedRealm.open({ plugins: [gate, shaper] })
  realm.session('ann')
  const published = await explain(realm.node, realm.tenant, ASKED)
  assert.ok(published !== null && published !== 'invalid')
  assert.deepEqual([published.told, published.why], ['success', 'gate@1.0.0 said allow'])
  assert.deepEqual(published.becomes, [{ topic: 'b', qos: 1, retain: false }])
  const subscribed = await explain(realm.node, realm.tenant, { ...ASKED, action: 'subscribe' })
  assert.ok(subscribed !== null && subscribed !== 'invalid')
  assert.deepEqual(subscribed.becomes, [{ topic: 'b', qos: 1, retain: false }])
})
