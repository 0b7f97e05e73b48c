import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DECIDED_COST, PUBLISHES_PARKED } from '../../../src/base/limits.ts'
import { PacketType } from '../../../src/codec/packet-type.ts'
import type { TenantHooks } from '../../../src/hooks/tenant-hooks.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { type Conduct, type Parked, Peer } from '../../../src/protocol/peer.ts'
import type { Realm, RealmPeer } from '../../../src/protocol/ports.ts'
import { startBroker } from '../../support/broker.ts'
import { StagedConnection, StagedNode } from '../../support/protocol-stage.ts'
import { RawClient } from '../../support/raw-client.ts'
import { CountedTurns, endlessTurns } from '../../support/turns.ts'
import { framedAs } from './framed-as.ts'

const brief = await startBroker({ anonymous: true, mqtt: { connectTimeoutSec: 1 } })

/** A parked publish that the test decides. */
class Waiting implements Parked {
  verdict: Verdict | null = null
  readonly #name: string
  readonly #settled: string[]

  constructor(name: string, settled: string[]) {
    this.#name = name
    this.#settled = settled
  }

  settle(): void {
    this.#settled.push(this.#name)
  }
}

const ALLOW: Verdict = { verdict: 'allow' }

function stage(turns = endlessTurns()): {
  peer: Peer
  node: StagedNode
  connection: StagedConnection
  called: string[]
} {
  const called: string[] = []
  const verbs: Conduct['verbs'] = Array.from(
    { length: 16 },
    (_, type) => () => void called.push(`verb ${type}`),
  )
  const node = new StagedNode()
  const connection = new StagedConnection()
  const conduct = { verbs, leave: (): void => void called.push('leave') }
  const peer = new Peer(node, connection, 'mqtt', conduct)
  peer.state = 'online'
  const hooks = { congested: false } as Partial<TenantHooks> as TenantHooks
  peer.realm = { turns, hooks, peers: new Set<RealmPeer>() } as Partial<Realm> as Realm
  return { peer, node, connection, called }
}

describe('publishes that wait for plugins', () => {
  test('[MQTT-4.6.0-5] leave in their order, whatever the order of the answers', () => {
    const { peer, called } = stage()
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new Waiting(name, called)) as [Waiting, Waiting, Waiting]
    for (const each of [a, b, c]) peer.park(each)
    b.verdict = ALLOW
    peer.unpark()
    assert.deepEqual(called, [])
    a.verdict = ALLOW
    peer.unpark()
    assert.deepEqual(called, ['a', 'b'])
    c.verdict = ALLOW
    peer.unpark()
    assert.deepEqual(called, ['a', 'b', 'c'])
  })

  test('are not overtaken by a SUBSCRIBE, UNSUBSCRIBE or DISCONNECT; by a PING or an acknowledgement they are', () => {
    for (const [type, overtakes] of [
      [PacketType.SUBSCRIBE, false],
      [PacketType.UNSUBSCRIBE, false],
      [PacketType.DISCONNECT, false],
      [PacketType.PINGREQ, true],
      [PacketType.PUBACK, true],
      [PacketType.PUBREL, true],
    ] as const) {
      const { peer, connection, called } = stage()
      const parked = new Waiting('publish', called)
      peer.park(parked)
      peer.frame(framedAs(type))
      assert.equal(connection.holds, overtakes ? 0 : 1, 'what waits holds the connection')
      parked.verdict = ALLOW
      peer.unpark()
      const verb = `verb ${type}`
      assert.deepEqual(called, overtakes ? [verb, 'publish'] : ['publish', verb])
      assert.equal(connection.holds, 0)
    }
  })

  test('are bounded: at the bound the connection is held until half of them are decided', () => {
    const { peer, connection, called } = stage()
    const all = Array.from({ length: PUBLISHES_PARKED }, () => new Waiting('', called))
    for (const each of all) peer.park(each)
    assert.equal(connection.holds, 1)
    for (const each of all.slice(0, PUBLISHES_PARKED / 2 - 1)) each.verdict = ALLOW
    peer.unpark()
    assert.equal(connection.holds, 1)
    for (const each of all) each.verdict = ALLOW
    peer.unpark()
    assert.equal(connection.holds, 0)
    assert.equal(called.length, PUBLISHES_PARKED)
  })

  test('are settled though their client has left; what waited behind them is not', () => {
    const { peer, called } = stage()
    const parked = new Waiting('publish', called)
    peer.park(parked)
    peer.frame(framedAs(PacketType.SUBSCRIBE))
    peer.ended(null)
    parked.verdict = ALLOW
    peer.unpark()
    assert.deepEqual(called, ['leave', 'publish'])
  })
})

test('publishes that waited for plugins leave a turn at a time, however many answers come at once', async () => {
  const { peer, called } = stage(new CountedTurns(4 * DECIDED_COST))
  const all = Array.from({ length: 10 }, (_, place) => new Waiting(`${place}`, called))
  for (const each of all) peer.park(each)
  for (const each of all) each.verdict = ALLOW
  for (const _ of all) peer.unpark()
  const counts = [called.length]
  while (called.length < all.length) {
    await nextTurn()
    counts.push(called.length)
  }
  assert.deepEqual(counts, [4, 8, 10])
  assert.equal(called.join(''), '0123456789')
})

describe('the end of a connection', () => {
  test('comes once, whoever ends it', () => {
    const { peer, connection, called } = stage()
    peer.end(0x98, 'server')
    peer.end(0x98, 'server')
    peer.fail(0x81, 'malformed')
    peer.ended(null)
    assert.deepEqual(called, ['leave'])
    assert.ok(connection.isEnded)
  })

  test('is said in DISCONNECT to MQTT 5 clients that are online, before that in CONNACK [MQTT-3.14.0-1]', () => {
    for (const [version, state, bytes] of [
      [5, 'online', 'e00198'],
      [5, 'authenticating', '2003008700'],
      [4, 'authenticating', '20020005'],
      [5, 'connecting', ''],
      [4, 'online', ''],
    ] as const) {
      const { peer, connection } = stage()
      peer.version = version
      peer.state = state
      peer.end(0x98, 'server')
      assert.equal(connection.taken().toString('hex'), bytes)
    }
  })

  test('is no news where the client was never admitted', () => {
    const { peer, called } = stage()
    peer.state = 'connecting'
    peer.ended(null)
    assert.deepEqual(called, [])
  })
})

describe('time', () => {
  test('a connection that sends no CONNECT is closed', () => {
    const { peer, node, connection } = stage()
    peer.state = 'connecting'
    node.nowMs = 9_000
    node.timers.turn()
    assert.ok(!connection.isEnded)
    node.nowMs = 11_000
    node.timers.turn()
    assert.ok(connection.isEnded)
    assert.equal(node.refused[0]?.detail, 'no CONNECT in time')
  })

  test('[MQTT-3.1.2-22] a client is silent for at most its keep alive; a packet begins it anew', () => {
    const { peer, connection } = stage()
    peer.keepAliveMs = 1500
    connection.lastPacketAt = performance.now() - 1000
    peer.expired()
    assert.equal(peer.state, 'online')
    assert.ok(peer.armed, 'looked at again when the rest has passed')
    connection.lastPacketAt = performance.now() - 1501
    peer.expired()
    assert.equal(peer.state, 'ended')
  })

  test('who is not read, by our doing, is not silent: its packets may wait', () => {
    const { peer, connection } = stage()
    peer.keepAliveMs = 1500
    connection.hold()
    connection.lastPacketAt = performance.now() - 5000
    peer.expired()
    assert.equal(peer.state, 'online')
    assert.ok(peer.armed, 'looked at again when it may have been read')
    connection.release()
    peer.expired()
    assert.equal(peer.state, 'ended')
  })

  test('who is not read for a while is not silent meanwhile', () => {
    const { peer, connection } = stage()
    peer.keepAliveMs = 1500
    connection.lastPacketAt = performance.now() - 5000
    peer.throttle(1000)
    connection.release()
    peer.expired()
    assert.equal(peer.state, 'online')
  })
})

test('on a real connection: a silent newcomer is closed, a silent client told 0x8D', async () => {
  const newcomer = await RawClient.open(brief.port)
  const client = await RawClient.connect(brief.port, 5, { keepalive: 1 })
  assert.equal(await client.disconnected(), 0x8d)
  assert.deepEqual(await newcomer.end(), [])
})
