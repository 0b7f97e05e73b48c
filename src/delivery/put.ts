import { AliasedPublish } from '../codec/aliased-publish.ts'
import { appendPublish, type EncodedPublish, encodedSize } from '../codec/encode-publish.ts'
import type { Outgoing } from '../session/outgoing.ts'
import type { Link } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import type { TopicAliases } from '../session/topic-aliases.ts'

/** One view serves all connections: a packet is written before the next one is laid out. */
const aliased = new AliasedPublish()

/**
 * Puts a packet on its way to a client; by a topic alias, where the client takes some.
 *
 * @param topic under which the client gets it.
 * @param outgoing what goes in flight with it; null: its QoS is 0.
 * @returns false: in no form is it within the client's Maximum Packet Size [MQTT-3.1.2-24].
 */
export function put(
  link: Link,
  session: Session,
  topic: string,
  encoded: EncodedPublish,
  outgoing: Outgoing | null,
): boolean {
  const { topicAliases } = link
  if (outgoing?.qos === 2 && session.log !== null) return putWhenSafe(link, session, encoded, outgoing)
  const alias = topicAliases === null ? 0 : aliasFor(link, topicAliases, topic, encoded)
  if (alias === 0 && encodedSize(encoded) > link.maximumPacketSize) {
    if (outgoing !== null) session.outbound.forgoPacketId()
    return false
  }
  const packetId = outgoing === null ? 0 : session.outbound.launch(outgoing)
  if (alias === 0) appendPublish(link.out, encoded, packetId)
  else aliased.appendTo(link.out, alias, packetId)
  return true
}

/**
 * QoS 2 leaves when its packet identifier is safe: who has it under one identifier would take it for another
 * message under the next [MQTT-4.3.3-1]. Without an alias: others may leave before it.
 */
function putWhenSafe(link: Link, session: Session, encoded: EncodedPublish, outgoing: Outgoing): boolean {
  const { outbound } = session
  if (encodedSize(encoded) > link.maximumPacketSize) {
    outbound.forgoPacketId()
    return false
  }
  const packetId = outbound.launch(outgoing)
  session.whenSafe(() => {
    // sent again by now, or over
    if (session.link !== link || outbound.inflight.get(packetId) !== outgoing) return
    appendPublish(link.out, encoded, packetId)
  })
  return true
}

/** The alias by which the packet, laid out, is to go; 0: none, it goes as it is or not at all. */
function aliasFor(link: Link, aliases: TopicAliases, topic: string, encoded: EncodedPublish): number {
  const known = aliases.of(topic)
  const alias = known === 0 ? aliases.next(topic) : known
  if (alias === 0) return 0
  aliased.begin(encoded, known === 0)
  if (aliased.size > link.maximumPacketSize) return 0
  if (known === 0) aliases.add(topic)
  return alias
}
