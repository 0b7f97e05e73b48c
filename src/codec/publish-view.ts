import { Buffer } from 'node:buffer'
import { USER_PROPERTIES_PER_PACKET } from '../base/limits.ts'
import { FIRST_BYTE_REFUSALS } from './first-byte.ts'
import type { ProtocolVersion, QoS } from './packet-type.ts'
import { Carrier, Property } from './property.ts'
import { PropertyCursor } from './property-cursor.ts'
import { ReasonCode } from './reason-code.ts'
import { topicNameRefusal } from './topic-text.ts'

/** A PUBLISH packet as places in its frame. One instance is filled again for every packet. */
export class PublishView {
  buffer: Buffer = EMPTY
  start = 0
  end = 0
  version: ProtocolVersion = 5
  qos: QoS = 0
  dup = false
  retain = false
  topicStart = 0
  topicEnd = 0
  /** 0 for QoS 0. */
  packetId = 0
  /** The properties without their length field; empty before MQTT 5.0. */
  propertiesStart = 0
  propertiesEnd = 0
  payloadStart = 0
  payloadEnd = 0
  /** 0: none. */
  topicAlias = 0
  /** -1: none. */
  messageExpirySec = -1
  /** -1: none. */
  payloadFormat: -1 | 0 | 1 = -1
  /** Whether the property bytes may go to subscribers as they are: none is for this broker alone. */
  forwardable = true
}

const EMPTY = Buffer.alloc(0)
const cursor = new PropertyCursor()

/**
 * Judges a PUBLISH packet and leaves its parts in `view`, without allocating or copying anything.
 *
 * @returns 0, or the reason code with which the packet is refused; then the view holds nothing of use.
 */
export function walkPublish(
  view: PublishView,
  buffer: Buffer,
  firstByte: number,
  start: number,
  body: number,
  end: number,
  version: ProtocolVersion,
): number {
  const flagsRefusal = FIRST_BYTE_REFUSALS[firstByte] as number
  if (flagsRefusal !== 0) return flagsRefusal
  // the topic name comes first [3.1.1 MQTT-3.3.2-1]
  const topicStart = body + 2
  if (topicStart > end) return ReasonCode.malformedPacket
  const topicEnd = topicStart + (((buffer[body] as number) << 8) | (buffer[body + 1] as number))
  if (topicEnd > end) return ReasonCode.malformedPacket
  const topicRefusal = topicNameRefusal(buffer, topicStart, topicEnd)
  if (topicRefusal !== 0) return topicRefusal

  const qos = ((firstByte >> 1) & 0b11) as QoS
  let packetId = 0
  let at = topicEnd
  if (qos !== 0) {
    if (at + 2 > end) return ReasonCode.malformedPacket
    // of QoS 0 there is none [3.1.1 MQTT-2.3.1-5]
    packetId = ((buffer[at] as number) << 8) | (buffer[at + 1] as number)
    if (packetId === 0) return ReasonCode.protocolError // [MQTT-2.2.1-3]
    at += 2
  }

  view.buffer = buffer
  view.start = start
  view.end = end
  view.version = version
  view.qos = qos
  view.dup = (firstByte & 0b1000) !== 0
  view.retain = (firstByte & 0b0001) !== 0
  view.topicStart = topicStart
  view.topicEnd = topicEnd
  view.packetId = packetId
  view.topicAlias = 0
  view.messageExpirySec = -1
  view.payloadFormat = -1
  view.forwardable = true
  view.propertiesStart = at
  view.propertiesEnd = at
  if (version === 5) {
    // a publisher that sets no property is the rule, and costs no walk
    if (at < end && buffer[at] === 0) {
      at += 1
      view.propertiesStart = at
      view.propertiesEnd = at
    } else {
      const refusal = walkProperties(view, at, end)
      if (refusal !== 0) return refusal
      at = view.propertiesEnd
    }
  }
  view.payloadStart = at
  view.payloadEnd = end
  // [MQTT-4.7.3-1][3.1.1 MQTT-4.7.3-1]
  if (topicEnd === topicStart && view.topicAlias === 0) return ReasonCode.malformedPacket
  return 0
}

function walkProperties(view: PublishView, at: number, end: number): number {
  if (!cursor.open(view.buffer, at, end, Carrier.PUBLISH)) return cursor.refusal
  view.propertiesStart = cursor.start
  view.propertiesEnd = cursor.end
  let userProperties = 0
  while (cursor.next()) {
    switch (cursor.property) {
      case Property.payloadFormatIndicator:
        view.payloadFormat = cursor.number as 0 | 1
        break
      case Property.messageExpiryInterval:
        view.messageExpirySec = cursor.number
        view.forwardable = false // [MQTT-3.3.2-6]
        break
      case Property.topicAlias:
        if (cursor.number === 0) return ReasonCode.topicAliasInvalid // [MQTT-3.3.2-8]
        view.topicAlias = cursor.number
        view.forwardable = false // [MQTT-3.3.2-7]
        break
      case Property.responseTopic:
        if (!cursor.isTopicName()) return ReasonCode.protocolError // [MQTT-3.3.2-14]
        break
      case Property.userProperty:
        userProperties += 1
        if (userProperties > USER_PROPERTIES_PER_PACKET) return ReasonCode.quotaExceeded
        break
      case Property.subscriptionIdentifier:
        return ReasonCode.protocolError // [MQTT-3.3.4-6]
    }
  }
  return cursor.refusal
}
