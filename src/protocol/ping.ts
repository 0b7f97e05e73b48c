import { writePingresp } from '../codec/write-packets.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'
import { tellPacketReceived } from './tell-packets.ts'

/**
 * PINGREQ [MQTT 5.0, 3.12]: the client is alive, and asks whether we are
 * [MQTT-3.12.4-1][3.1.1 MQTT-3.12.4-1].
 */
export function ping(peer: Peer, frame: FrameView): void {
  tellPacketReceived(peer, frame)
  writePingresp(peer.out)
}
