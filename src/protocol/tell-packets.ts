import { Buffer } from 'node:buffer'
import { PACKETS_TOLD_KIB_A_TURN } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import { countPackets, describePackets } from '../codec/describe-packet.ts'
import type { TenantHooks } from '../hooks/tenant-hooks.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'

/** `onMqttPacketReceived`: what came, as plain data. Costs a look where nobody listens. */
export function tellPacketReceived(peer: Peer, frame: FrameView): void {
  const hooks = peer.realm?.hooks
  if (hooks?.hears('onMqttPacketReceived') !== true) return
  const bytes = frame.buffer.subarray(frame.start, frame.end)
  // at once: it is one packet, within its connection's turn
  for (const _ of tellPackets('onMqttPacketReceived', hooks, peer, bytes)) continue
}

/**
 * `onMqttPacketSent`: what leaves is read once more, and only where a plugin listens. It is read in the
 * tenant's turn, not on its way to the socket: writing is no place for work that takes long.
 */
export function watchSentPackets(peer: Peer): void {
  const { realm } = peer
  if (realm?.hooks.hears('onMqttPacketSent') !== true) return
  const { hooks, turns, name } = realm
  peer.connection.watchWrites = (bytes) => {
    if (hooks.sentWaiting + bytes.length > PACKETS_TOLD_KIB_A_TURN * KIB) {
      hooks.leaveUntold('onMqttPacketSent', countPackets(bytes))
      return
    }
    hooks.sentWaiting += bytes.length
    // the buffer is used again as soon as it is written: what waits is a copy
    turns.run(name, tellLater(hooks, peer, Buffer.from(bytes)))
  }
}

function* tellLater(hooks: TenantHooks, peer: Peer, bytes: Buffer): Steps {
  yield* tellPackets('onMqttPacketSent', hooks, peer, bytes)
  hooks.sentWaiting -= bytes.length
}

type PacketHook = 'onMqttPacketReceived' | 'onMqttPacketSent'

/** Tells of as many as the tenant has time for in a turn; the others are counted, not read. */
function* tellPackets(hook: PacketHook, hooks: TenantHooks, peer: Peer, bytes: Buffer): Steps {
  let untold = 0
  const wanted = (length: number): boolean => {
    const isWanted = hooks.packetsTold.take(KIB + length)
    if (!isWanted) untold += 1
    return isWanted
  }
  for (const packet of describePackets(bytes, peer.version, wanted)) {
    hooks.tell(hook, peer.client, (seesPayload) => packet.text(seesPayload ? hooks.payloadBytes : -1))
    yield packet.length
  }
  if (untold > 0) hooks.leaveUntold(hook, untold)
}

/** However short a packet is, reading it costs as much as this. */
const KIB = 1024
