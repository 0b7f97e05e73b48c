import { parseUnsubscribe } from '../codec/parse-unsubscribe.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { writeUnsuback } from '../codec/write-packets.ts'
import { parseFilter } from '../router/topic-filter.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'
import { tellPacketReceived } from './tell-packets.ts'

/** UNSUBSCRIBE [MQTT 5.0, 3.10]: filters are compared character by character [MQTT-3.10.4-1]. */
export function unsubscribe(peer: Peer, frame: FrameView): void {
  const packet = parseUnsubscribe(
    frame.buffer,
    frame.firstByte,
    frame.start,
    frame.body,
    frame.end,
    peer.version,
  )
  if ('refused' in packet) return peer.fail(packet.refused, packet.detail)
  const { realm, session } = peer
  if (realm === null || session === null) return
  tellPacketReceived(peer, frame)
  const codes = packet.filters.map((filter) => {
    const subscription = session.subscriptions.get(filter)
    if (subscription === undefined) {
      return 'refusal' in parseFilter(filter)
        ? ReasonCode.topicFilterInvalid
        : ReasonCode.noSubscriptionExisted
    }
    session.subscriptions.delete(filter)
    realm.subscriptions.remove(subscription.parsed, session)
    realm.hooks.tell(
      'onBrokerClientUnsubscribed',
      session.client,
      () => `{"filter":${JSON.stringify(filter)}}`,
    )
    return ReasonCode.success
  })
  writeUnsuback(peer.out, packet.packetId, codes, peer.version) // [MQTT-3.10.4-4]
}
