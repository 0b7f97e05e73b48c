import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ConnectPacket } from '../../../src/codec/packets.ts'
import { objectionToAllowed, objectionToConnect } from '../../../src/protocol/admission.ts'
import { Peer } from '../../../src/protocol/peer.ts'
import type { MqttSettings } from '../../../src/protocol/ports.ts'
import { CONDUCT } from '../../../src/protocol/verbs.ts'
import { StagedConnection } from '../../support/protocol-stage.ts'
import { StagedRealm } from '../../support/staged-realm.ts'

const PACKET: ConnectPacket = {
  version: 5,
  cleanStart: true,
  clientId: 'ann',
  keepAliveSec: 0,
  sessionExpirySec: 0,
  receiveMaximum: 10,
  maximumPacketSize: 0,
  topicAliasMaximum: 0,
  requestResponseInformation: false,
  requestProblemInformation: true,
  userProperties: [],
}

const WILL = { topic: 'w', payload: Buffer.from('four'), qos: 1, retain: true, delaySec: 0 } as const

/** A newcomer to a tenant on a node with these settings. */
async function newcomer(settings: Partial<MqttSettings> = {}, quotas = {}) {
  const realm = await StagedRealm.open({ quotas })
  Object.assign(realm.node.mqtt, settings)
  const peer = new Peer(realm.node, new StagedConnection(), 'tcp', CONDUCT)
  peer.clientId = 'ann'
  return { realm, peer, tenant: realm.tenant, census: realm.node.census }
}

describe('a CONNECT is objected to', () => {
  for (const [what, settings, packet, code] of [
    ['an empty identifier', { allowZeroLengthClientid: false }, { clientId: '' }, 0x80],
    [
      'an empty identifier before MQTT 5',
      { allowZeroLengthClientid: false },
      { clientId: '', version: 4 },
      0x85,
    ],
    [
      'an empty identifier of a session to be kept',
      {},
      { clientId: '', version: 4, cleanStart: false },
      0x85,
    ],
    [
      'too long a keep alive, which cannot be told',
      { maxKeepalive: 9 },
      { version: 4, keepAliveSec: 10 },
      0x85,
    ],
    ['a will above the highest QoS', { maximumQos: 0 }, { will: WILL }, 0x9b],
    ['a retained will', { retainAvailable: false }, { will: WILL }, 0x9a],
    ['a large will', { messageSizeLimit: 3 }, { will: WILL }, 0x95],
    ["a will for a topic of the broker's", {}, { will: { ...WILL, topic: '$SYS/x' } }, 0x87],
  ] as const) {
    test(`for ${what}`, async () => {
      const { peer, tenant } = await newcomer(settings)
      const objection = objectionToConnect(peer, tenant, { ...PACKET, ...packet })
      assert.equal(objection?.code, code)
      assert.equal(objection.reason, code === 0x95 ? undefined : objection.detail)
    })
  }

  test('for nothing that is allowed', async () => {
    const { peer, tenant } = await newcomer({ maxKeepalive: 9, messageSizeLimit: 4 })
    const packet = { ...PACKET, clientId: '', keepAliveSec: 10, will: WILL }
    assert.equal(objectionToConnect(peer, tenant, packet), null)
    assert.equal(peer.clientId, 'assigned')
  })
})

describe('room is', () => {
  test('the tenant’s and the broker’s; of the broker’s the newcomer is told nothing but the code', async () => {
    const { realm, peer, tenant, census } = await newcomer(
      { globalMaxClients: 3 },
      { connections: 2, sessions: 2 },
    )
    const objection = () => objectionToConnect(peer, tenant, PACKET)
    assert.equal(objection(), null)
    census.sessions = 3
    assert.deepEqual(objection(), { code: 0x89, detail: 'globalMaxClients is 3' })
    for (const name of ['b', 'c']) realm.session(name, null)
    assert.equal(objection()?.reason, 'the tenant has too many sessions')
    for (let place = 0; place < 2; place += 1) tenant.peers.add({ realmRelieved: () => undefined })
    assert.equal(objection()?.reason, 'the tenant has too many connections')
    assert.deepEqual(realm.met, ['sessions', 'connections'])
  })

  test('there for who takes over its own session', async () => {
    const { realm, peer, tenant, census } = await newcomer(
      { globalMaxClients: 1 },
      { connections: 1, sessions: 1 },
    )
    realm.session('ann')
    census.sessions = 1
    tenant.peers.add({ realmRelieved: () => undefined })
    assert.equal(objectionToConnect(peer, tenant, PACKET), null)
    assert.equal(objectionToAllowed(peer, tenant, 'ann', { verdict: 'allow' }), null)
  })
})

describe('whom plugins admit, the broker does not', () => {
  test('when it would pass as a plugin', async () => {
    const { peer, tenant } = await newcomer()
    const objection = objectionToAllowed(peer, tenant, 'plugin:gate', { verdict: 'allow' })
    assert.equal(objection?.verdict === 'deny' && objection.code, 0x87)
  })

  test('when they give it another principal’s identifier', async () => {
    const { realm, peer, tenant } = await newcomer()
    realm.session('bob', null)
    const named = { verdict: 'allow', session: { assignedClientId: 'bob' } } as const
    const objection = objectionToAllowed(peer, tenant, 'ann', named)
    assert.equal(objection?.verdict === 'deny' && objection.code, 0x85)
    assert.equal(objectionToAllowed(peer, tenant, 'bob', named), null)
  })

  test('when the places have gone meanwhile', async () => {
    const { peer, tenant, census } = await newcomer({ globalMaxClients: 1 })
    census.sessions = 1
    assert.deepEqual(objectionToAllowed(peer, tenant, 'ann', { verdict: 'allow' }), {
      verdict: 'deny',
      code: 0x89,
      note: 'globalMaxClients is 1',
    })
  })
})
