import { parseAuth } from '../codec/parse-auth.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'
import { tellPacketReceived } from './tell-packets.ts'

/**
 * AUTH [MQTT 5.0, 3.15]: the next step of an authentication, or the first of another one. Without a method in
 * CONNECT there is none to be had [MQTT-4.12.0-7].
 */
export function auth(peer: Peer, frame: FrameView): void {
  const packet = parseAuth(frame.buffer, frame.firstByte, frame.start, frame.body, frame.end, peer.version)
  if ('refused' in packet) return peer.fail(packet.refused, packet.detail)
  const { authSteps, lease, realm } = peer
  tellPacketReceived(peer, frame)
  // each costs plugins as much as a message does
  const overdrawnMs = realm?.takeRate(frame.end - frame.start, peer.client) ?? 0
  if (overdrawnMs > 0) peer.throttle(overdrawnMs)
  if (authSteps !== null) authSteps.answer(packet)
  else if (lease !== null) lease.reauthenticate(packet)
  else peer.fail(ReasonCode.protocolError, 'AUTH without an authentication method')
}
