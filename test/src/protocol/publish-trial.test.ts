import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askPublish } from '../../../src/protocol/publish-trial.ts'
import { DecidingPlugin } from '../../support/deciding-plugin.ts'
import { FakePlugin, type Reply } from '../../support/fake-plugins.ts'
import { testClient } from '../../support/sessions.ts'
import { StagedRealm } from '../../support/staged-realm.ts'

const subject = { ref: 1, json: '{}', source: '', release: () => undefined }
const ann = testClient('ann', { subject })
const DOUBT = { topic: 'a', qos: 1, retain: true, share: '' } as const

/** Refuses what begins with `no`. */
const gate = (): DecidingPlugin =>
  new DecidingPlugin('gate', ['authorizePublish'], ({ event }) =>
    String(event['topic']).startsWith('no')
      ? { verdict: 'deny', code: 0x87 }
      : { verdict: 'allow', maxQos: 0 },
  )
const shaper = (...topics: readonly string[]): DecidingPlugin => {
  const reply: Reply = { verdict: 'transform', op: 'replace', with: topics.map((topic) => ({ topic })) }
  return new DecidingPlugin('shaper', ['transformMessage'], () => reply)
}

test('transformers are asked, what comes out is authorised, and it is told what it becomes', async () => {
  const listener = new FakePlugin('listener', ['onBrokerMessageDropped', 'onBrokerMessageBroadcast'])
  const realm = await StagedRealm.open({ plugins: [gate(), shaper('b', 'c'), listener] })
  const { verdict, voices, becomes } = await askPublish(realm.node.mqtt, realm.tenant, ann, DOUBT)
  assert.equal(verdict.verdict, 'allow')
  assert.deepEqual(
    voices.map(({ hook, verdict: said }) => [hook, said.verdict]),
    [
      ['authorizePublish', 'allow'],
      ['transformMessage', 'transform'],
      ['authorizePublish', 'allow'],
      ['authorizePublish', 'allow'],
    ],
  )
  assert.deepEqual(becomes, [
    { topic: 'b', qos: 0, retain: true },
    { topic: 'c', qos: 0, retain: true },
  ])
  assert.deepEqual([realm.routed, listener.told], [[], []])
})

test('a rewrite to what is refused is refused; a drop is told of, and does not happen', async () => {
  const listener = new FakePlugin('listener', ['onBrokerMessageDropped'])
  const refused = await StagedRealm.open({ plugins: [gate(), shaper('b', 'no')] })
  const opinion = await askPublish(refused.node.mqtt, refused.tenant, ann, DOUBT)
  const becomes = [{ topic: 'no', qos: 0, retain: true }]
  assert.deepEqual([opinion.verdict.verdict, opinion.becomes], ['deny', becomes])
  const silently: Reply = { verdict: 'transform', op: 'drop', ack: 'silent' }
  const dropper = new DecidingPlugin('dropper', ['transformMessage'], () => silently)
  const dropped = await StagedRealm.open({ plugins: [dropper, listener] })
  assert.deepEqual((await askPublish(dropped.node.mqtt, dropped.tenant, ann, DOUBT)).becomes, [])
  assert.deepEqual(listener.told, [])
})

test('no rate is charged, and a quota that would refuse it does, without counting it', async () => {
  const quotas = { retainedMessages: 1, messagesPerSec: 1 }
  const realm = await StagedRealm.open({ plugins: [shaper('b', 'c')], quotas })
  for (const retain of [false, true]) {
    const { verdict } = await askPublish(realm.node.mqtt, realm.tenant, ann, { ...DOUBT, retain })
    assert.equal(verdict.verdict, retain ? 'deny' : 'allow')
  }
  assert.deepEqual(realm.met, [])
  assert.equal(realm.tenant.takeRate(1, null), 0)
})
