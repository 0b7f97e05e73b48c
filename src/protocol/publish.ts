import { type Message, messageOf, payloadSize } from '../codec/message.ts'
import { PublishView, walkPublish } from '../codec/publish-view.ts'
import { PENDING_ACKS } from '../base/limits.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { acceptPublish, answerPublish, overRetainedQuota } from './accept-publish.ts'
import type { FrameView } from './frame.ts'
import { ParkedPublish, RefusedPublish } from './parked-publish.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import type { Client } from '../session/client.ts'
import type { Session } from '../session/session.ts'
import { ALLOW } from '../hooks/merge-verdicts.ts'
import type { Verdict } from '../hooks/verdict.ts'
import { isBridgeState, isShareTopic, isSystemTopic } from '../router/system-topics.ts'
import { tellPacketReceived } from './tell-packets.ts'

/** One view serves all connections: a packet is read before the next one is walked. */
const view = new PublishView()

/**
 * PUBLISH [MQTT 5.0, 3.3]: checked, turned into a message, decided, and accepted or refused. Where plugins
 * decide it is parked: the packets behind it are read on, and all leave in their order [MQTT-4.6.0-5].
 */
export function publish(peer: Peer, frame: FrameView): void {
  const refused = walkPublish(
    view,
    frame.buffer,
    frame.firstByte,
    frame.start,
    frame.body,
    frame.end,
    peer.version,
  )
  if (refused !== 0) return peer.fail(refused, 'malformed PUBLISH')
  const { session, realm, mqtt } = peer
  if (session === null || realm === null) return
  tellPacketReceived(peer, frame)
  if (view.qos > 0 && !admitQos(peer, session)) return
  if (view.retain && !mqtt.retainAvailable) {
    return peer.fail(ReasonCode.retainNotSupported, 'retained messages are not available') // [MQTT-3.2.2-14]
  }
  const topic = topicOf(peer)
  if (topic === '') return peer.fail(aliasRefusal(peer), 'unknown topic alias') // [MQTT-3.3.2-8]
  const message = messageOf(view, topic, view.messageExpirySec >= 0 ? Date.now() : 0)
  message.publisher = peer.client
  message.origin = session
  const { packetId } = view
  // of QoS 1 no identifier is remembered: what comes by it next is a new message [MQTT-4.3.2-5]
  if (message.qos === 2) {
    // known from its arrival until PUBREL, decided or not: a repetition is no second message [MQTT-4.3.3-10]
    // [3.1.1 MQTT-4.3.3-2]
    if (session.received.has(packetId)) {
      if (peer.mayRepeat(packetId, view.end - view.start, view.dup)) return answerPublish(peer, 2, packetId)
      return peer.fail(ReasonCode.protocolError, 'a packet identifier that is in use') // [MQTT-3.3.1-1]
    }
    session.receive(packetId)
  }
  obeyRate(peer, realm)
  decide(peer, realm, session, message, packetId)
}

function decide(peer: Peer, realm: Realm, session: Session, message: Message, packetId: number): void {
  const { hooks } = realm
  const { client } = peer
  if (client === null) return
  const early = refusedBeforehand(message, peer)
  const beforehand = early === null || peer.asksForReasons ? early : briefly(early)
  if (beforehand === null && hooks.decidesPublish(client)) {
    const parked = new ParkedPublish(peer, client, realm, session, message, packetId)
    // parked first: an answer within the question finds it in its place
    peer.park(parked)
    parked.enter()
    return
  }
  const refusal = beforehand ?? refusalOf(message, realm, client)
  if (refusal === null) {
    if (message.qos === 2) session.writeReceived(packetId)
    return acceptPublish(peer, realm, message, packetId)
  }
  const refused = new RefusedPublish(peer, session, message, packetId, refusal)
  if (peer.parked.length === 0) refused.settle()
  else peer.park(refused)
}

/** A refusal of the broker's own, for who has not asked for reasons: the log alone has it in words. */
function briefly(verdict: Verdict): Verdict {
  if (verdict.verdict !== 'deny' || verdict.reason === undefined) return verdict
  const { reason, ...rest } = verdict
  return { ...rest, note: reason }
}

/** What no plugin has to be asked about; null: it may be. */
function refusedBeforehand(message: Message, { mqtt }: Peer): Verdict | null {
  const { topic } = message
  if (isSystemTopic(topic)) return isBridgeState(topic) ? NOT_NEEDED : BROKERS_OWN
  if (isShareTopic(topic)) return UNREACHABLE
  if (payloadSize(message) <= mqtt.messageSizeLimit) return null
  // PUBACK and PUBREC know no 0x95 [MQTT-3.4.2-1]
  return { verdict: 'deny', code: ReasonCode.quotaExceeded, reason: 'the payload is too large' }
}

/** What is said of a message that no plugin is asked about; null: it is accepted. */
function refusalOf(message: Message, realm: Realm, client: Client): Verdict | null {
  if (realm.hooks.byDefault !== ALLOW) return realm.hooks.byDefault
  return message.retain ? overRetainedQuota(realm, [message], client) : null
}

/** The answer to who would publish to `$SYS`. */
export const BROKERS_OWN: Verdict = Object.freeze({
  verdict: 'deny',
  code: ReasonCode.notAuthorized,
  reason: 'only the broker publishes to $SYS',
})

/** The answer to a bridge that tells of itself: a refusal would only disturb it. */
const NOT_NEEDED: Verdict = Object.freeze({
  verdict: 'deny',
  code: ReasonCode.notAuthorized,
  ack: 'silent',
  note: 'the state of a bridge is not kept',
})

const UNREACHABLE: Verdict = Object.freeze({
  verdict: 'deny',
  code: ReasonCode.notAuthorized,
  reason: 'a topic name that no filter can match: $share begins a shared subscription',
})

/** QoS 1 and 2: offered at all, and within the receive maximum. */
function admitQos(peer: Peer, session: Session): boolean {
  const { mqtt, offer } = peer
  const { acks } = peer.node
  // what only plugins have lowered is lowered in the message of who cannot be told of it
  if (view.qos > (peer.version === 5 ? offer : mqtt).maximumQos) {
    peer.fail(ReasonCode.qosNotSupported, `QoS ${view.qos} is above the maximum QoS`) // [MQTT-3.2.2-11]
    return false
  }
  const pendingAcks = peer.pendingAcks?.length ?? 0
  const resent = view.qos === 2 && session.received.has(view.packetId)
  if (
    !resent &&
    peer.version === 5 &&
    peer.undecided + pendingAcks + session.received.size >= offer.receiveMaximum
  ) {
    peer.fail(ReasonCode.receiveMaximumExceeded, 'receive maximum exceeded') // [MQTT-3.3.4-7]
    return false
  }
  if (pendingAcks >= PENDING_ACKS / 2 || peer.node.engine.congested) acks.hold(peer)
  return true
}

/** An alias that was never set, or is above what CONNACK allowed [MQTT 5.0, 3.3.2.3.4]. */
function aliasRefusal({ offer }: Peer): number {
  return view.topicAlias > offer.topicAliasMaximum ? ReasonCode.topicAliasInvalid : ReasonCode.protocolError
}

/** The topic name, by its bytes or by its alias; '': an alias that was never set. */
function topicOf(peer: Peer): string {
  const named = view.topicEnd > view.topicStart
  const topic = named ? peer.node.topicNames.get(view.buffer, view.topicStart, view.topicEnd) : ''
  if (view.topicAlias === 0) return topic
  // [MQTT-3.3.2-9]: an alias above what CONNACK allowed, like an unknown one, is invalid
  // [MQTT-3.2.2-17][MQTT-3.2.2-18]
  if (view.topicAlias > peer.offer.topicAliasMaximum) return ''
  if (!named) return peer.aliases?.get(view.topicAlias) ?? ''
  peer.aliases ??= new Map()
  peer.aliases.set(view.topicAlias, topic) // [MQTT-3.3.2-12]
  return topic
}

function obeyRate(peer: Peer, realm: Realm): void {
  const bytes = view.end - view.start
  const { rates, client } = peer
  let overdrawnMs = realm.takeRate(bytes, client)
  if (rates !== null && client !== null) {
    const ownMs = rates.take(bytes, (limit, value) => realm.clientLimitMet(limit, value, client))
    overdrawnMs = Math.max(overdrawnMs, ownMs)
  }
  if (overdrawnMs > 0) peer.throttle(overdrawnMs)
}
