import { parseDisconnect } from '../codec/parse-disconnect.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'
import { tellPacketReceived } from './tell-packets.ts'

/** DISCONNECT [MQTT 5.0, 3.14]: the client says goodbye, and whether its will is to go out all the same. */
export function disconnect(peer: Peer, frame: FrameView): void {
  const packet = parseDisconnect(
    frame.buffer,
    frame.firstByte,
    frame.start,
    frame.body,
    frame.end,
    peer.version,
  )
  if ('refused' in packet) return peer.fail(packet.refused, packet.detail, packet.silent)
  const { session, realm } = peer
  tellPacketReceived(peer, frame)
  // it has thought better of it in the midst of its authentication
  if (session === null || realm === null) {
    peer.leave('client', packet.reasonCode)
    return peer.connection.end()
  }
  if (packet.sessionExpirySec !== undefined) {
    // a session that was to end with its connection cannot be kept after all [MQTT 5.0, 3.14.2.2.2]
    if (peer.beginning.expirySec === 0 && packet.sessionExpirySec > 0) {
      return peer.fail(ReasonCode.protocolError, 'session expiry interval was 0 at CONNECT')
    }
    session.expirySec = Math.min(packet.sessionExpirySec, peer.offer.sessionExpirySec)
  }
  // [3.1.1 MQTT-3.14.4-3]
  const publishWill = packet.reasonCode !== ReasonCode.success // [MQTT-3.14.4-3]
  // what comes behind is not read [3.1.1 MQTT-3.14.4-2], and we close if the client does not
  // [3.1.1 MQTT-3.14.4-1]
  peer.leave('client', packet.reasonCode, publishWill)
  peer.connection.end() // [MQTT-3.14.4-2]
}
