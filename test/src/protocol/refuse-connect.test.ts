import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuseConnect } from '../../../src/protocol/refuse-connect.ts'
import { StagedPeer } from '../../support/staged-peer.ts'
import { StagedRealm } from '../../support/staged-realm.ts'

async function refused(reasonCode: number) {
  const realm = await StagedRealm.open()
  const staged = new StagedPeer(realm, 'ann')
  staged.peer.state = 'authenticating'
  refuseConnect(staged.peer, reasonCode, { reason: 'no' }, 'because')
  const { peer, connection } = staged
  return { peer, connection, realm, packets: staged.packets() }
}

test('[MQTT-3.1.4-2] a refused CONNECT is told why in CONNACK, reported, and closed', async () => {
  const { packets, realm, connection, peer } = await refused(0x87)
  const [connack] = packets
  assert.ok(connack?.cmd === 'connack')
  assert.deepEqual(
    [connack.reasonCode, connack.sessionPresent, connack.properties?.reasonString],
    [0x87, false, 'no'],
  )
  const { action, detail } = realm.node.refused[0] ?? {}
  assert.deepEqual([action, detail, connection.isEnded, peer.state], ['connect', 'because', true, 'ended'])
})

test('a code that CONNACK cannot carry becomes the one that comes nearest', async () => {
  const { packets } = await refused(0x98) // administrative action: DISCONNECT's alone
  assert.equal(packets[0]?.cmd === 'connack' && packets[0].reasonCode, 0x87)
})
