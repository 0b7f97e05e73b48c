import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { Reauthentication } from '../../../src/protocol/reauthentication.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { eventOf, OnlinePeer } from '../../support/online-peer.ts'

const PACKET = { reasonCode: 0x19, userProperties: [], authenticationMethod: 'M' }

async function begun(): Promise<{
  readonly online: OnlinePeer
  readonly plugin: FakePlugin
  readonly renewal: Reauthentication
  readonly outcome: string[]
}> {
  const plugin = new FakePlugin('one', ['authenticate'])
  const online = await OnlinePeer.open(plugin)
  const outcome: string[] = []
  const sink = {
    renewed: () => outcome.push('renewed') > 0,
    refused: ({ verdict }: Verdict) => void outcome.push(verdict),
  }
  const { peer, staged, client } = online
  const renewal = new Reauthentication(peer, staged.tenant, eventOf(), client, sink)
  renewal.start(PACKET)
  return { online, plugin, renewal, outcome }
}

test('the connection is read on meanwhile, and success is told in AUTH', async () => {
  const { online, plugin, outcome } = await begun()
  assert.equal(online.connection.holds, 0)
  plugin.question(0).answer({ verdict: 'allow' })
  assert.deepEqual([outcome, online.written()], [['renewed'], [['auth', 0]]])
  assert.equal(online.peer.authSteps, null)
})

test('[MQTT-3.1.2-24] a success that is larger than the client takes is not sent: the connection ends', async () => {
  const { online, plugin } = await begun()
  online.peer.maximumPacketSize = 20
  plugin.question(0).answer({ verdict: 'allow', authData: Buffer.alloc(20) })
  assert.deepEqual(online.written(), [['disconnect', 0x95]])
})

test('a client that answers too late has failed', async () => {
  const { online, plugin, outcome } = await begun()
  plugin.question(0).answer({ verdict: 'continue' })
  assert.deepEqual(online.written(), [['auth', 0x18]])
  online.wait(12_000)
  assert.deepEqual(outcome, ['deny'])
})

test('an AUTH that comes before the last one is answered breaks the protocol', async () => {
  const { online, renewal } = await begun()
  renewal.answer({ ...PACKET, reasonCode: 0x18 })
  assert.deepEqual(online.written(), [['disconnect', 0x82]])
})

test('an answer that comes when it is over changes nothing', async () => {
  const { online, plugin, renewal, outcome } = await begun()
  renewal.end()
  plugin.question(0).answer({ verdict: 'allow' })
  assert.deepEqual([outcome, online.written()], [[], []])
  assert.equal(online.staged.node.timers.size, 0)
})
