import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMessage, payloadOf } from '../../../src/codec/message.ts'
import { admitWill } from '../../../src/protocol/admit-will.ts'
import type { Quotas } from '../../../src/session/quotas.ts'
import { PendingWill } from '../../../src/session/will.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { testClient } from '../../support/sessions.ts'
import { StagedPeer } from '../../support/staged-peer.ts'
import { StagedRealm } from '../../support/staged-realm.ts'

/** A CONNECT that has been authenticated, and asks to leave a will. */
async function asking(plugins: readonly FakePlugin[], expirySec?: number, quotas: Partial<Quotas> = {}) {
  const realm = await StagedRealm.open({ plugins, quotas })
  const staged = new StagedPeer(realm, 'ann')
  staged.peer.state = 'authenticating'
  const released: string[] = []
  const subject = { ref: 7, json: '{}', source: '', release: () => void released.push('ann') }
  const client = testClient('ann', { subject })
  const message = createMessage({ topic: 'gone', payload: Buffer.from('x'), qos: 1, retain: true })
  const will = new PendingWill(message, client, 5, expirySec)
  const admitted: (PendingWill | null)[] = []
  const admit = (left: PendingWill | null = will): void =>
    admitWill(staged.peer, realm.tenant, client, left, (each) => void admitted.push(each))
  const { peer, connection } = staged
  return { peer, connection, realm, will, released, admitted, admit, packets: () => staged.packets() }
}

const warden = (): FakePlugin => new FakePlugin('warden', ['authorizeWill'])

test('nobody is asked where there is no will, or nobody has a say', async () => {
  const plugin = warden()
  const none = await asking([plugin])
  none.admit(null)
  assert.deepEqual([none.admitted, plugin.asked.length], [[null], 0])
  const unasked = await asking([])
  unasked.admit()
  assert.deepEqual(unasked.admitted, [unasked.will])
})

test('the will is kept as plugins leave it, when all have answered', async () => {
  const plugin = warden()
  const { admit, admitted, will } = await asking([plugin], 60)
  admit()
  assert.equal(admitted.length, 0)
  assert.deepEqual(plugin.question(0).event, {
    when: 'connect',
    will: { topic: 'gone', qos: 1, retain: true, delaySec: 5 },
  })
  const patch = { topic: 'new', payload: Buffer.from('y'), properties: { messageExpirySec: 9 } }
  plugin.question(0).answer({ verdict: 'set', will: patch })
  const [set] = admitted
  assert.ok(set !== undefined && set !== null)
  assert.deepEqual([set.message.topic, String(payloadOf(set.message))], ['new', 'y'])
  assert.deepEqual([set.delaySec, set.expirySec, set.client], [5, 9, will.client])
})

test('to abstain is to allow; strip and suppress leave none', async () => {
  for (const [verdict, isLeft] of [
    ['allow', true],
    ['abstain', true],
    ['strip', false],
    ['suppress', false],
  ] as const) {
    const plugin = warden()
    plugin.reply = { verdict }
    const { admit, admitted, will } = await asking([plugin])
    admit()
    assert.deepEqual(admitted, [isLeft ? will : null])
  }
})

test('a refusal is told in CONNACK, ends the connection, and lets go of the client', async () => {
  const plugin = warden()
  plugin.reply = { verdict: 'deny', code: 0x87, reason: 'no wills' }
  const { admit, admitted, packets, connection, released, realm } = await asking([plugin])
  admit()
  const [connack] = packets()
  assert.ok(connack?.cmd === 'connack')
  assert.deepEqual([connack.reasonCode, connack.properties?.reasonString], [0x87, 'no wills'])
  assert.deepEqual([admitted, connection.isEnded, released], [[], true, ['ann']])
  assert.equal(realm.node.refused[0]?.voices?.[0]?.plugin, 'warden')
})

test('an answer for a connection that is gone begins no session, and lets go of the client', async () => {
  const plugin = warden()
  const { admit, admitted, peer, packets, released } = await asking([plugin])
  admit()
  peer.leave('network', 0x80)
  plugin.question(0).answer({ verdict: 'allow' })
  assert.deepEqual([admitted, packets(), released], [[], [], ['ann']])
})

test('a will that plugins allow and the tenant has no room for is a refusal, told with its limit', async () => {
  const plugin = warden()
  plugin.reply = { verdict: 'allow' }
  const { admit, admitted, packets, released, realm } = await asking([plugin], undefined, { willBytes: 3 })
  admit()
  const [connack] = packets()
  assert.ok(connack?.cmd === 'connack')
  assert.deepEqual([connack.reasonCode, admitted, released], [0x97, [], ['ann']])
  assert.deepEqual([realm.met, realm.tenant.wills.bytes], [['willBytes'], 0])
})
