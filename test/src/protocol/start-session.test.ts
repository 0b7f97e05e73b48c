import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { IConnectPacket } from 'mqtt-packet'
import { SESSION_COST } from '../../../src/base/limits.ts'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { Framer, FrameStatus } from '../../../src/codec/framer.ts'
import { connect } from '../../../src/protocol/connect.ts'
import { Peer } from '../../../src/protocol/peer.ts'
import { isTooLong } from '../../../src/protocol/start-session.ts'
import { CONDUCT } from '../../../src/protocol/verbs.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { StagedConnection } from '../../support/protocol-stage.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { parsed } from '../../support/topics.ts'
import { CountedTurns } from '../../support/turns.ts'
import { foreignBytes } from '../codec/framed.ts'

const plain = await startBroker({ anonymous: true })
const bounded = await startBroker({
  anonymous: true,
  quotas: { sessionExpirySec: 100, maximumPacketSize: 2000 },
  mqtt: { maxKeepalive: 50, topicAliasMaximum: 0 },
})
const dictating = await startBroker({ anonymous: true, mqtt: { serverKeepAlive: 33 } })

describe('CONNACK of MQTT 5 says', () => {
  test('[MQTT-3.2.2-22] nothing of what is as the client asked for it', async () => {
    const client = await RawClient.open(plain.port)
    const { properties } = await client.connack({
      keepalive: 20,
      properties: { sessionExpiryInterval: 500 },
    })
    assert.deepEqual(
      { ...properties },
      { receiveMaximum: 100, maximumPacketSize: 2 ** 20, topicAliasMaximum: 32 },
    )
  })

  test('what the tenant’s quotas make of it', async () => {
    const client = await RawClient.open(bounded.port)
    const { properties } = await client.connack({
      keepalive: 51,
      properties: { sessionExpiryInterval: 500 },
    })
    assert.deepEqual(
      { ...properties },
      { sessionExpiryInterval: 100, receiveMaximum: 100, maximumPacketSize: 2000, serverKeepAlive: 50 },
    )
    client.publish({ topic: 'big', payload: 'x'.repeat(2000) })
    assert.equal(await client.disconnected(), 0x95)
  })

  test('[MQTT-3.1.2-21] the keep alive that the server dictates', async () => {
    const client = await RawClient.open(dictating.port)
    assert.equal((await client.connack({ keepalive: 20 })).properties?.serverKeepAlive, 33)
  })

  test('[MQTT-3.2.2-16] the identifier that an unnamed client was given', async () => {
    const client = await RawClient.open(plain.port)
    assert.match(
      (await client.connack({ clientId: '' })).properties?.assignedClientIdentifier ?? '',
      /^auto-/,
    )
  })
})

test('[MQTT-3.2.2-2] [MQTT-3.2.2-3] session present says whether there was one', async () => {
  const kept = { clientId: 'here', properties: { sessionExpiryInterval: 60 } }
  for (const [clean, sessionPresent] of [
    [false, false],
    [false, true],
    [true, false],
  ] as const) {
    const client = await RawClient.open(plain.port)
    assert.equal((await client.connack({ ...kept, clean })).sessionPresent, sessionPresent)
    client.send({ cmd: 'disconnect' })
    await client.end()
  }
})

test('no keep alive is longer than any: allowed only where every other one is', () => {
  assert.equal(isTooLong(0, 0xffff), false)
  assert.equal(isTooLong(0, 0xfffe), true)
  assert.equal(isTooLong(0xffff, 0xffff), false)
  assert.equal(isTooLong(60, 60), false)
  assert.equal(isTooLong(61, 60), true)
})

test('sessions that one frame’s answers begin are begun in as many turns as it takes', async () => {
  const gate = new FakePlugin('gate', ['authenticate'])
  const realm = await StagedRealm.open({ plugins: [gate], turns: new CountedTurns(SESSION_COST) })
  const peers = ['ann', 'bob', 'cy'].map((clientId) => come(realm, { clientId }))
  for (const place of peers.keys()) gate.question(place).answer({ verdict: 'allow' })
  const online: number[] = []
  for (; online.at(-1) !== peers.length; await settled())
    online.push(peers.filter(({ state }) => state === 'online').length)
  assert.deepEqual([...new Set(online)], [1, 2, 3])
})

/** A connection of a client that has just sent CONNECT. */
function come({ node, tenant }: StagedRealm, packet: Partial<IConnectPacket>): Peer {
  Object.assign(node, { resolve: () => ({ realm: tenant, username: undefined }) })
  const peer = new Peer(node, new StagedConnection(), 'tcp', CONDUCT)
  const framer = new Framer(1 << 20)
  const properties = { sessionExpiryInterval: 60 }
  const { clientId = 'ann', clean = true } = packet
  framer.push(foreignBytes({ cmd: 'connect', protocolVersion: 5, clientId, clean, properties }, 5))
  assert.equal(framer.next(), FrameStatus.frame)
  connect(peer, framer)
  return peer
}

/** A session that waits for ann, and connections that come for it. */
async function waitingSession() {
  const gate = new FakePlugin('gate', ['authorizeSubscribe'])
  const realm = await StagedRealm.open({ plugins: [gate] })
  const { node, tenant } = realm
  const comeAs = (clean = false): Peer => come(realm, { clientId: 'ann', clean })
  const first = comeAs()
  const session = tenant.sessions.get('ann')
  assert.ok(session !== undefined)
  const options = { qos: 1, noLocal: false, retainAsPublished: false, subscriptionId: 0 } as const
  session.subscribe('a', { parsed: parsed('a'), options })
  tenant.subscriptions.add(parsed('a'), session, options)
  first.end(0, 'client')
  return { gate, node, tenant, session, come: comeAs }
}

/** Lets promises that are settled have their say. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const connectionOf = (peer: Peer): StagedConnection => peer.connection as StagedConnection

describe('a session whose subscriptions plugins have to allow again', () => {
  test('is taken up when they have answered; until then nothing is read, and CONNACK waits', async () => {
    const { gate, session, come } = await waitingSession()
    const peer = come()
    assert.deepEqual([peer.state, connectionOf(peer).holds, session.connected], ['authenticating', 1, false])
    assert.equal(connectionOf(peer).out.length, 0)
    gate.question(0).answer({ verdict: 'allow' })
    await settled()
    assert.deepEqual([peer.state, connectionOf(peer).holds, session.link], ['online', 0, peer])
    assert.deepEqual([session.subscriptions.size, session.arriving], [1, null])
  })

  test('waits on, and expires in its time, when the client is gone before they have answered', async () => {
    const { gate, node, tenant, session, come } = await waitingSession()
    const peer = come()
    peer.leave('network', 0x80)
    gate.question(0).answer({ verdict: 'allow' })
    await settled()
    assert.deepEqual([session.connected, session.arriving, tenant.sessions.size], [false, null, 1])
    node.nowMs += 60_000 * 2
    node.timers.turn()
    assert.deepEqual([tenant.sessions.size, tenant.subscriptions.size], [0, 0])
  })

  test('[MQTT-3.1.4-3] is the last one’s that came for it, whoever is answered first', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { gate, session, come } = await waitingSession()
      const [early, late] = [come(), come()]
      for (const place of order) {
        gate.question(place).answer({ verdict: 'allow' })
        await settled()
      }
      assert.deepEqual([early.state, late.state], ['ended', 'online'])
      assert.equal(connectionOf(early).isEnded, true)
      assert.equal(session.link, late)
      assert.equal(connectionOf(late).holds, 0)
    }
  })

  test('is gone when a clean start has come meanwhile', async () => {
    const { gate, tenant, session, come } = await waitingSession()
    const [early, clean] = [come(), come(true)]
    gate.question(0).answer({ verdict: 'allow' })
    await settled()
    assert.deepEqual([early.state, clean.state], ['ended', 'online'])
    assert.notEqual(tenant.sessions.get('ann'), session)
    assert.equal(tenant.subscriptions.size, 0)
  })

  test('whose plugin wants the connection ended begins and ends', async () => {
    const { gate, session, come } = await waitingSession()
    const peer = come()
    gate.question(0).answer({ verdict: 'disconnect', code: 0x87 })
    await settled()
    assert.deepEqual([peer.state, session.subscriptions.size], ['ended', 0])
    const bytes = connectionOf(peer).taken()
    assert.deepEqual([...bytes.subarray(-3)], [0xe0, 1, 0x87], 'DISCONNECT, behind CONNACK')
  })
})
