import { describePackets } from '../codec/describe-packet.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'

/** `onMqttPacketReceived`: what came, as plain data. Costs a look where nobody listens. */
export function tellPacketReceived(peer: Peer, frame: FrameView): void {
  const hooks = peer.realm?.hooks
  if (hooks?.hears('onMqttPacketReceived') !== true) return
  const bytes = frame.buffer.subarray(frame.start, frame.end)
  for (const packet of describePackets(bytes, peer.version)) {
    hooks.tell('onMqttPacketReceived', peer.client, (seesPayload) => packet.text(seesPayload))
  }
}

/**
 * `onMqttPacketSent`: what leaves is read once more on its way to the socket, and only where a plugin
 * listens.
 */
export function watchSentPackets(peer: Peer): void {
  const hooks = peer.realm?.hooks
  if (hooks?.hears('onMqttPacketSent') !== true) return
  peer.connection.watchWrites = (bytes) => {
    for (const packet of describePackets(bytes, peer.version)) {
      hooks.tell('onMqttPacketSent', peer.client, (seesPayload) => packet.text(seesPayload))
    }
  }
}
