import { AckView, walkAck, writeAck } from '../codec/ack-view.ts'
import { PacketType } from '../codec/packet-type.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { drain } from '../delivery/drain.ts'
import type { Session } from '../session/session.ts'
import { answerReceipts } from './accept-publish.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'
import { tellPacketReceived } from './tell-packets.ts'

const ack = new AckView()

/**
 * PUBACK, PUBREC, PUBREL, PUBCOMP [MQTT 5.0, 3.4-3.7]: the steps of QoS 1 and 2, in both directions. A
 * refusal ends them: no other member of a share gets the message [MQTT-4.8.2-6].
 */
export function acknowledge(peer: Peer, frame: FrameView): void {
  const refused = walkAck(ack, frame.buffer, frame.firstByte, frame.body, frame.end, peer.version)
  if (refused !== 0) return peer.fail(refused, 'malformed acknowledgement')
  const { session, realm } = peer
  if (session === null || realm === null) return
  tellPacketReceived(peer, frame)
  const { packetId, reasonCode } = ack
  const { outbound } = session
  switch (frame.firstByte >> 4) {
    case PacketType.PUBACK: {
      const outgoing = outbound.inflight.get(packetId)
      if (outgoing === undefined) return
      if (outgoing.qos !== 1) return mismatched(peer)
      outbound.settle(packetId)
      return drain(realm, session)
    }
    case PacketType.PUBREC: {
      const outgoing = outbound.inflight.get(packetId)
      if (outgoing === undefined) {
        // [MQTT-4.3.3-4]: a PUBREC of a message that is not known here is released all the same
        if (reasonCode < 0x80) writeAck(peer.out, PacketType.PUBREL, packetId, 0, peer.version)
        return
      }
      if (outgoing.qos !== 2) return mismatched(peer)
      if (reasonCode >= 0x80) {
        // refused, and over [MQTT-4.4.0-2]
        outbound.settle(packetId)
        return drain(realm, session)
      }
      // [3.1.1 MQTT-4.3.3-1], in the order in which they come [3.1.1 MQTT-4.6.0-4]
      outbound.release(packetId, outgoing)
      return writeWhenSafe(peer, session, PacketType.PUBREL, packetId) // [MQTT-4.3.3-4]
    }
    case PacketType.PUBCOMP: {
      const outgoing = outbound.inflight.get(packetId)
      if (outgoing === undefined) return
      if (outgoing.qos !== 2 || !outgoing.released) return mismatched(peer) // [MQTT-4.3.3-6]
      outbound.settle(packetId)
      return drain(realm, session)
    }
    case PacketType.PUBREL: {
      // from here on it may name another message [MQTT-4.3.3-12][3.1.1 MQTT-2.3.1-3]
      session.forget(packetId)
      peer.released(packetId)
      writeWhenSafe(peer, session, PacketType.PUBCOMP, packetId) // [MQTT-4.3.3-11]
      if (peer.receipts !== null) answerReceipts(peer, peer.receipts.released(packetId))
    }
  }
}

/** What ends a step of QoS 2 leaves when that is safe: by it the other side forgets what it could repeat. */
function writeWhenSafe(peer: Peer, session: Session, type: number, packetId: number): void {
  session.whenSafe(() => {
    if (peer.session === session) writeAck(peer.out, type, packetId, 0, peer.version)
  })
}

/** An acknowledgement of another step than the one that its message is at. */
function mismatched(peer: Peer): void {
  peer.fail(ReasonCode.protocolError, 'an acknowledgement that does not fit its message')
}
