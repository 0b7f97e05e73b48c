import type { Verdict } from '../hooks/verdict.ts'
import { writeAck } from '../codec/ack-view.ts'
import { detach, type Message } from '../codec/message.ts'
import { PacketType, type QoS } from '../codec/packet-type.ts'
import { ReasonCode, serverMaySend } from '../codec/reason-code.ts'
import type { Ticket } from '../engine/engine.ts'
import type { Peer } from './peer.ts'
import type { Node, Realm } from './ports.ts'

/**
 * A PUBLISH that may pass: it is routed, kept if it is to be retained, and acknowledged once the engine holds
 * it.
 *
 * @param ackQos the QoS that the client sent it with, whatever a plugin made of it.
 */
export function acceptPublish(
  peer: Peer,
  realm: Realm,
  message: Message,
  packetId: number,
  ackQos: QoS = message.qos,
): void {
  realm.hooks.tellMessage('onBrokerMessageReceived', peer.client, message)
  const ticket = publishMessage(peer.node, realm, message)
  if (ackQos === 0) return
  // kept until PUBREL, so that a repetition is not a second message [MQTT-4.3.3-10]
  if (ackQos === 2) peer.session?.received.add(packetId)
  if (peer.state !== 'online') return
  peer.node.acks.acknowledge(peer, ticket, ackQos === 1 ? PacketType.PUBACK : PacketType.PUBREC, packetId)
}

/** Hands a message to the engine: of a client, of a will, of a plugin. All that is to be checked has been. */
export function publishMessage(node: Node, realm: Realm, message: Message): Ticket {
  if (message.retain) retain(node, realm, message)
  realm.hooks.tellMessage('onBrokerMessageBroadcast', null, message)
  return node.engine.publish(realm.name, message)
}

/** Acknowledges without a message: a repetition, or a refusal that a client before MQTT 5 cannot be told. */
export function answerPublish(peer: Peer, qos: QoS, packetId: number): void {
  if (qos === 0 || peer.state !== 'online') return
  if (qos === 2) peer.session?.received.add(packetId)
  peer.node.acks.acknowledge(peer, 0, qos === 1 ? PacketType.PUBACK : PacketType.PUBREC, packetId)
}

/**
 * A PUBLISH that may not pass: MQTT 5 is told the code; before that the operator chose between silence and
 * the end.
 */
export function refusePublish(peer: Peer, message: Message, packetId: number, verdict: Verdict): void {
  const { code: given, reason, note } = verdict as Extract<Verdict, { verdict: 'deny' }>
  const code = given ?? ReasonCode.unspecifiedError
  const { node } = peer
  node.observer.refused({
    realm: peer.realm?.name,
    client: peer.clientId,
    remoteAddress: peer.connection.remoteAddress,
    action: 'publish',
    reasonCode: code,
    detail: `topic ${message.topic}: ${note ?? reason ?? 'not authorised'}`,
  })
  if (verdict.verdict === 'disconnect') {
    peer.end(code, 'plugin', { reason, userProperties: verdict.userProperties }, verdict.sendWill ?? true)
    return
  }
  if (peer.version !== 5 && node.mqtt.onRefusedPublish === 'close')
    return peer.end(code, 'plugin', { reason })
  if (message.qos === 0 || peer.state !== 'online') return
  const silent = verdict.verdict === 'deny' && 'ack' in verdict && verdict.ack === 'silent'
  if (peer.version !== 5 || silent) return answerPublish(peer, message.qos, packetId)
  const type = message.qos === 1 ? PacketType.PUBACK : PacketType.PUBREC
  const legal = serverMaySend(type, code) ? code : ReasonCode.unspecifiedError
  writeAck(peer.out, type, packetId, legal, 5, peer.wantsProblemInformation ? reason : undefined)
}

/** The topic's retained message is replaced, or removed by an empty payload [MQTT-3.3.1-5][MQTT-3.3.1-6]. */
function retain(node: Node, realm: Realm, message: Message): void {
  const bytes = message.payloadEnd - message.payloadStart
  const { retained } = node.engine
  if (bytes === 0) {
    realm.admitRetained(message.topic, 0)
    retained.clear(realm.name, message.topic)
  } else if (realm.admitRetained(message.topic, bytes + message.topicEnd - message.topicStart)) {
    retained.set(realm.name, message.topic, detach(message))
  }
  realm.hooks.tellMessage('onBrokerRetainedMessage', null, message, `,"cleared":${bytes === 0}`)
}
