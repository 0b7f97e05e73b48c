import { detach, type Message, sizeOf } from '../codec/message.ts'
import { PacketType, type QoS } from '../codec/packet-type.ts'
import { ReasonCode, serverMaySend } from '../codec/reason-code.ts'
import { writeRefusedPublish } from '../codec/write-packets.ts'
import type { Ticket, Unheard, Unrouted } from '../engine/engine.ts'
import type { Verdict } from '../hooks/verdict.ts'
import type { Voice } from '../hooks/voice.ts'
import type { Client } from '../session/client.ts'
import type { Session } from '../session/session.ts'
import type { Peer } from './peer.ts'
import type { Node, Realm, RetainedQuota, RetainedSize } from './ports.ts'
import { Receipts } from './receipts.ts'
import { refusalOf } from './refusal.ts'

const UNHEARD: Unheard = -1
const UNROUTED: Unrouted = -2

/**
 * A PUBLISH that may pass, and whose retained messages are counted: it is routed, kept if it is to be
 * retained, and acknowledged once the engine holds it.
 *
 * @param ackQos the QoS that the client sent it with, whatever a plugin made of it.
 * @param outputs what plugins made of it, to go out in its place.
 */
export function acceptPublish(
  peer: Peer,
  realm: Realm,
  session: Session,
  message: Message,
  packetId: number,
  ackQos: QoS = message.qos,
  outputs?: readonly Message[],
): void {
  const maximumQos = peer.session?.maximumQos ?? peer.offer.maximumQos
  if (message.qos > maximumQos) message.qos = maximumQos
  realm.hooks.tellMessage('onBrokerMessageReceived', peer.client, message)
  const { engine } = peer.node
  // who gets its own message hears first that it has come, as long as that is sure [MQTT 5.0, 4.3.3]
  const isToldFirst = ackQos === 2 && engine.settlesAtOnce && peer.state === 'online'
  if (isToldFirst) answer(peer, 2, 0, packetId)
  const routing = ackQos === 0 || engine.settlesAtOnce ? null : new Routing()
  const ticket =
    outputs === undefined
      ? publishMessage(peer.node, realm, message, peer.client, routing)
      : publishMessages(peer.node, realm, outputs, peer.client, routing)
  // [MQTT-3.3.4-1][MQTT-4.3.2-4][MQTT-4.3.3-8]
  const isAnswered = ackQos > 0 && !isToldFirst && peer.state === 'online'
  if (routing !== null && ticket === UNROUTED) {
    const then = isAnswered ? answerLater(peer, ackQos, packetId) : null
    routing.ended = (late) => {
      const safe = withReceipt(session, packetId, ackQos, late)
      then?.(safe)
    }
    return
  }
  const safe = withReceipt(session, packetId, ackQos, ticket)
  // [3.1.1 MQTT-3.3.4-1][3.1.1 MQTT-4.3.2-2]
  if (!isAnswered) return
  const isUnheard = routing === null ? ticket === UNHEARD : routing.isHeard === false
  answer(peer, ackQos, safe, packetId, isUnheard ? ReasonCode.noMatchingSubscribers : ReasonCode.success)
}

/**
 * Of QoS 2, that it has come is to be safe as well, but not before those have it who are to have it: what is
 * known as received is not taken again.
 *
 * @returns the ticket for both.
 */
function withReceipt(session: Session, packetId: number, ackQos: QoS, routed: Ticket): Ticket {
  if (ackQos < 2) return routed
  session.writeReceived(packetId)
  return behind(session.ticket, routed)
}

/**
 * PUBACK or PUBREC; before MQTT 5 a PUBREC may wait for the release of another message. Of who hears its
 * message a PUBREC tells nothing, with any engine: with some it leaves before that is known
 * [MQTT 5.0, 4.3.3].
 *
 * @param code PUBACK's.
 */
function answer(peer: Peer, qos: QoS, ticket: Ticket, packetId: number, code?: number): void {
  if (qos === 1) peer.node.acks.acknowledge(peer, ticket, PacketType.PUBACK, packetId, code)
  else if (mayGo(peer, packetId, true)) peer.node.acks.acknowledge(peer, ticket, PacketType.PUBREC, packetId)
}

/** @returns what is to be called with the ticket when all have the message who are to have it. */
function answerLater(peer: Peer, qos: QoS, packetId: number): (ticket: Ticket) => void {
  const { acks } = peer.node
  if (qos === 1) return acks.acknowledgeLater(peer, PacketType.PUBACK, packetId)
  if (mayGo(peer, packetId, false)) return acks.acknowledgeLater(peer, PacketType.PUBREC, packetId)
  return () => answerReceipts(peer, peer.receipts?.routed(packetId) ?? [])
}

function mayGo(peer: Peer, packetId: number, isRouted: boolean): boolean {
  if (peer.version === 5) return true
  peer.receipts ??= new Receipts(peer.offer.receiveMaximum)
  return peer.receipts.mayGo(packetId, isRouted)
}

/** PUBRECs that have waited for others. */
export function answerReceipts(peer: Peer, packetIds: readonly number[]): void {
  for (const packetId of packetIds) answerPublish(peer, 2, packetId)
}

/**
 * Counts what of these messages is to be retained. Where the tenant's quota does not cover it the publish is
 * refused whole: a publisher who is told of success would take it for kept.
 *
 * @returns null: it is covered.
 */
export function overRetainedQuota(
  realm: Realm,
  messages: readonly Message[],
  publisher: Client,
): Verdict | null {
  const quota = realm.admitRetained(retainedSizes(messages))
  if (quota === null) return null
  realm.quotaExceeded(quota, publisher)
  return refusalByQuota(realm, quota)
}

/** What such messages count for, once they are retained. */
function retainedSizes(messages: readonly Message[]): readonly RetainedSize[] {
  return messages
    .filter(({ retain }) => retain)
    .map((message) => ({ topic: message.topic, bytes: isEmpty(message) ? 0 : sizeOf(message) }))
}

/** What a publisher is told whose message the quota does not cover. */
export function refusalByQuota({ quotas }: Pick<Realm, 'quotas'>, quota: RetainedQuota): Verdict {
  const note = `above the tenant's quota: ${quota} is ${quotas[quota]}`
  return { verdict: 'deny', code: ReasonCode.quotaExceeded, note }
}

function isEmpty({ payloadStart, payloadEnd }: Message): boolean {
  return payloadEnd === payloadStart
}

/** Hands a message to the engine: of a client, of a will, of a plugin. All that is to be checked has been. */
function publishMessage(
  node: Node,
  realm: Realm,
  message: Message,
  publisher: Client | null,
  routing: Routing | null,
): Ticket {
  // [MQTT-3.3.1-8][3.1.1 MQTT-3.3.1-12]
  const kept = message.retain ? retain(node, realm, message, publisher) : 0
  realm.hooks.tellMessage('onBrokerMessageBroadcast', publisher, message)
  const published = node.engine.publish(realm.name, message, routing === null ? null : routing.routed)
  routing?.add(published)
  return behind(kept, published)
}

/** The ticket for both: that of one that is not routed yet will stand for all that was written before. */
function behind(kept: Ticket, published: Ticket): Ticket {
  return kept > 0 && published !== UNROUTED ? Math.max(kept, published) : published
}

/** The messages that were made of one PUBLISH: who hears them, and whether plugins are asked that still. */
class Routing {
  /** How many are not routed yet. */
  open = 0
  /** Whether anybody has subscribed to one of them, as far as can be told; null: there is none. */
  isHeard: boolean | null = null
  /** Is told what stands for all of them. */
  ended: ((ticket: Ticket) => void) | null = null

  add(published: Ticket): void {
    this.isHeard = this.isHeard === true || published !== UNHEARD
    if (published === UNROUTED) this.open += 1
  }

  readonly routed = (ticket: Ticket): void => {
    this.open -= 1
    // tickets do not go down: that of the last stands for those before
    if (this.open === 0) this.ended?.(ticket)
  }
}

/**
 * @returns what has to be settled before all of them are; that none of them was heard, if there are any; or
 *   that some are not routed yet.
 */
export function publishMessages(
  node: Node,
  realm: Realm,
  messages: readonly Message[],
  publisher: Client | null,
  routing: Routing | null = null,
): Ticket {
  let last: Ticket = messages.length === 0 ? 0 : UNHEARD
  for (const message of messages) {
    const ticket = publishMessage(node, realm, message, publisher, routing)
    last = last === UNROUTED || ticket === UNROUTED ? UNROUTED : Math.max(last, ticket)
  }
  return last
}

/** Publishes messages, and calls `routed` when all who are to have them have them. */
export function publishUntilRouted(
  node: Node,
  realm: Realm,
  messages: readonly Message[],
  publisher: Client | null,
  routed: () => void,
): void {
  const routing = new Routing()
  const ticket = publishMessages(node, realm, messages, publisher, routing)
  if (ticket === UNROUTED) routing.ended = routed
  else routed()
}

/** Acknowledges without a message: a repetition, or a refusal that a client before MQTT 5 cannot be told. */
export function answerPublish(peer: Peer, qos: QoS, packetId: number): void {
  if (qos > 0 && peer.state === 'online')
    answer(peer, qos, qos === 2 ? (peer.session?.ticket ?? 0) : 0, packetId)
}

/** What of a PUBLISH packet its acknowledgement needs. */
export interface Exchange {
  /** As the client sent it. */
  readonly qos: QoS
  /** 0 for QoS 0. */
  readonly packetId: number
}

/**
 * A PUBLISH that may not pass: MQTT 5 is told the code; before that the operator chose between silence and
 * the end.
 *
 * @param message what was refused: it, or what plugins made of it.
 */
export function refusePublish(
  peer: Peer,
  session: Session,
  message: Message,
  { qos, packetId }: Exchange,
  verdict: Verdict,
  voices: readonly Voice[],
): void {
  // the exchange is over, and its identifier may name a new message [MQTT-4.3.3-9]
  if (qos === 2) session.forget(packetId)
  const refusal = refusalOf(verdict)
  const { code, reason, heard } = refusal
  const { topic } = message
  const detail = `topic ${topic}: ${refusal.detail}`
  peer.report({ action: 'publish', reasonCode: code, detail, topic, qos, reason, heard, voices })
  if (verdict.verdict === 'disconnect') return peer.end(code, 'plugin', refusal, verdict.sendWill ?? true)
  // [3.1.1 MQTT-3.3.5-2]
  if (peer.version !== 5 && peer.mqtt.onRefusedPublish === 'close') {
    return peer.end(code, 'plugin', { reason })
  }
  if (qos === 0 || peer.state !== 'online') return
  if (peer.version !== 5 || heard === 'silent') {
    if (qos === 2) {
      session.receive(packetId) // the client goes on to PUBREL
      session.writeReceived(packetId)
    }
    return answerPublish(peer, qos, packetId)
  }
  const type = qos === 1 ? PacketType.PUBACK : PacketType.PUBREC
  const legal = serverMaySend(type, code) ? code : ReasonCode.unspecifiedError
  const words = peer.wantsProblemInformation ? refusal : undefined // [MQTT-3.1.2-29]
  const { maximumPacketSize } = peer
  peer.node.acks.behind(peer, (out) =>
    writeRefusedPublish(out, qos, packetId, legal, words?.reason, words?.userProperties, maximumPacketSize),
  )
}

/**
 * The topic's retained message is replaced, or removed by an empty payload [MQTT-3.3.1-5][MQTT-3.3.1-6]: that
 * is not kept itself [MQTT-3.3.1-7]. It is of no session [3.1.1 MQTT-3.1.2-7]. A message with retain 0 never
 * comes here [MQTT-3.3.1-8].
 */
function retain(node: Node, realm: Realm, message: Message, publisher: Client | null): Ticket {
  const { retained } = node.engine
  const cleared = isEmpty(message)
  // [3.1.1 MQTT-3.3.1-10][3.1.1 MQTT-3.3.1-11], or [3.1.1 MQTT-3.3.1-5][3.1.1 MQTT-3.3.1-7]
  const ticket = cleared
    ? retained.clear(realm.name, message.topic)
    : retained.set(realm.name, message.topic, detach(message))
  realm.hooks.tellMessage('onBrokerRetainedMessage', publisher, message, `,"cleared":${cleared}`)
  return ticket
}
