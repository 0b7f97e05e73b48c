import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TellerName } from '../../../sandbox/index.ts'
import { PACKETS_TOLD_KIB_A_TURN } from '../../../src/base/limits.ts'
import { TurnBudget } from '../../../src/base/turn-budget.ts'
import type { TenantHooks } from '../../../src/hooks/tenant-hooks.ts'
import { Peer } from '../../../src/protocol/peer.ts'
import type { Realm } from '../../../src/protocol/ports.ts'
import { tellPacketReceived, watchSentPackets } from '../../../src/protocol/tell-packets.ts'
import { CONDUCT } from '../../../src/protocol/verbs.ts'
import { StagedConnection, StagedNode } from '../../support/protocol-stage.ts'
import { CountedTurns, endlessTurns } from '../../support/turns.ts'
import { foreignBytes, frameOf } from '../codec/framed.ts'

/** A peer of a tenant whose plugins hear `heard`, and what they are told. */
function stage(
  heard: readonly TellerName[],
  turns = endlessTurns(),
): {
  peer: Peer
  connection: StagedConnection
  told: (readonly [hook: string, packet: unknown])[]
  untold: (readonly [hook: string, count: number])[]
} {
  const told: (readonly [string, unknown])[] = []
  const untold: (readonly [string, number])[] = []
  const hooks = {
    payloadBytes: 64,
    packetsTold: new TurnBudget(2000),
    sentWaiting: 0,
    leaveUntold: (hook: TellerName, count: number) => untold.push([hook, count]),
    hears: (hook: TellerName) => heard.includes(hook),
    tell: (hook: TellerName, _client: unknown, text: (seesPayload: boolean) => string) => {
      const event = JSON.parse(text(false)) as { packet: { cmd: string } }
      told.push([hook, event.packet.cmd])
    },
  } as Partial<TenantHooks> as TenantHooks
  const connection = new StagedConnection()
  const peer = new Peer(new StagedNode(), connection, 'mqtt', CONDUCT)
  peer.realm = { name: 'acme', hooks, turns } as Partial<Realm> as Realm
  return { peer, connection, told, untold }
}

test('who listens is told what came', () => {
  const { peer, told } = stage(['onMqttPacketReceived'])
  tellPacketReceived(peer, frameOf(foreignBytes({ cmd: 'pingreq' }, 4)))
  assert.deepEqual(told, [['onMqttPacketReceived', 'pingreq']])
})

test('who listens is told what leaves, each packet of a write', () => {
  const { peer, connection, told } = stage(['onMqttPacketSent'])
  watchSentPackets(peer)
  const packets = [foreignBytes({ cmd: 'pingresp' }, 4), foreignBytes({ cmd: 'puback', messageId: 1 }, 4)]
  connection.watchWrites?.(Buffer.concat(packets))
  assert.deepEqual(told, [
    ['onMqttPacketSent', 'pingresp'],
    ['onMqttPacketSent', 'puback'],
  ])
})

test('past what a turn has time for, packets are counted and not read', () => {
  const { peer, connection, told, untold } = stage(['onMqttPacketSent'])
  watchSentPackets(peer)
  connection.watchWrites?.(
    Buffer.concat(Array.from({ length: 5 }, () => foreignBytes({ cmd: 'pingresp' }, 4))),
  )
  assert.equal(told.length, 2)
  assert.deepEqual(untold, [['onMqttPacketSent', 3]])
})

test('what leaves is told a turn at a time, though its buffer is used again', async () => {
  const { peer, connection, told } = stage(['onMqttPacketSent'], new CountedTurns(1))
  watchSentPackets(peer)
  const bytes = Buffer.concat([1, 2].map(() => foreignBytes({ cmd: 'pingresp' }, 4)))
  connection.watchWrites?.(bytes)
  bytes.fill(0)
  const counts = [told.length]
  while (told.length < 2) {
    await nextTurn()
    counts.push(told.length)
  }
  assert.deepEqual(counts, [1, 2])
})

test('of what leaves faster than there is time for, most is counted and not kept', async () => {
  const { peer, connection, told, untold } = stage(['onMqttPacketSent'], new CountedTurns(1))
  watchSentPackets(peer)
  const packet = foreignBytes({ ...PUBLISH, payload: Buffer.alloc(PACKETS_TOLD_KIB_A_TURN * 512) }, 4)
  for (let write = 0; write < 4; write += 1) connection.watchWrites?.(packet)
  assert.deepEqual(
    untold,
    [1, 2, 3].map(() => ['onMqttPacketSent', 1]),
  )
  for (let turn = 0; turn < 3; turn += 1) await nextTurn()
  connection.watchWrites?.(packet)
  assert.equal(told.length, 2, 'what was told makes room')
})

const PUBLISH = { cmd: 'publish', topic: 't', qos: 0, dup: false, retain: false } as const

test('where nobody listens nothing is read twice', () => {
  const { peer, connection, told } = stage([])
  tellPacketReceived(peer, frameOf(foreignBytes({ cmd: 'pingreq' }, 4)))
  watchSentPackets(peer)
  assert.equal(connection.watchWrites, null)
  assert.deepEqual(told, [])
})
