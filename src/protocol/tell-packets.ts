import type { Buffer } from 'node:buffer'
import { describePackets } from '../codec/describe-packet.ts'
import type { TenantHooks } from '../hooks/tenant-hooks.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'

/** `onMqttPacketReceived`: what came, as plain data. Costs a look where nobody listens. */
export function tellPacketReceived(peer: Peer, frame: FrameView): void {
  const hooks = peer.realm?.hooks
  if (hooks?.hears('onMqttPacketReceived') !== true) return
  tellPackets('onMqttPacketReceived', hooks, peer, frame.buffer.subarray(frame.start, frame.end))
}

/**
 * `onMqttPacketSent`: what leaves is read once more on its way to the socket, and only where a plugin
 * listens.
 */
export function watchSentPackets(peer: Peer): void {
  const hooks = peer.realm?.hooks
  if (hooks?.hears('onMqttPacketSent') !== true) return
  peer.connection.watchWrites = (bytes) => tellPackets('onMqttPacketSent', hooks, peer, bytes)
}

type PacketHook = 'onMqttPacketReceived' | 'onMqttPacketSent'

/** Tells of as many as the tenant has time for in this turn; the others are counted, not read. */
function tellPackets(hook: PacketHook, hooks: TenantHooks, peer: Peer, bytes: Buffer): void {
  let untold = 0
  const wanted = (length: number): boolean => {
    const isWanted = hooks.packetsTold.take(KIB + length)
    if (!isWanted) untold += 1
    return isWanted
  }
  for (const packet of describePackets(bytes, peer.version, wanted)) {
    hooks.tell(hook, peer.client, (seesPayload) => packet.text(seesPayload ? hooks.payloadBytes : -1))
  }
  if (untold > 0) hooks.leaveUntold(hook, untold)
}

/** However short a packet is, reading it costs as much as this. */
const KIB = 1024
