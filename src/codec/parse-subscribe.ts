import type { Buffer } from 'node:buffer'
import { FILTERS_PER_PACKET } from '../base/limits.ts'
import { FieldReader } from './field-reader.ts'
import type { ProtocolVersion, QoS } from './packet-type.ts'
import type { Refusal, SubscribePacket, SubscriptionRequest } from './packets.ts'
import { Carrier } from './property.ts'
import { ReasonCode } from './reason-code.ts'

const NO_LOCAL = 0x04
const RETAIN_AS_PUBLISHED = 0x08
const RETAIN_HANDLING_SHIFT = 4
/** What of Subscription Options is reserved: all but the QoS before MQTT 5.0. */
const RESERVED = { 3: 0b1111_1100, 4: 0b1111_1100, 5: 0b1100_0000 } as const

/** Parses SUBSCRIBE [MQTT 5.0, 3.8]. Each filter is for the router to judge: it may be refused alone. */
export function parseSubscribe(
  buffer: Buffer,
  _firstByte: number,
  _start: number,
  body: number,
  end: number,
  version: ProtocolVersion,
): SubscribePacket | Refusal {
  const reader = new FieldReader(buffer, body, end, version)
  const packetId = reader.packetId()
  let subscriptionId = 0
  const userProperties = reader.properties(Carrier.SUBSCRIBE, (value) => {
    subscriptionId = value.number
    if (subscriptionId === 0) reader.refuse(ReasonCode.protocolError, 'subscription identifier 0')
  })
  // [MQTT-3.8.3-2][3.1.1 MQTT-3.8.3-3]
  if (!reader.more) reader.refuse(ReasonCode.malformedPacket, 'no topic filter')
  const filters: SubscriptionRequest[] = []
  while (reader.more) {
    filters.push(readRequest(reader, version))
    if (filters.length > FILTERS_PER_PACKET) reader.refuse(ReasonCode.quotaExceeded, 'too many filters')
  }
  return reader.refusal ?? { packetId, subscriptionId, userProperties, filters }
}

function readRequest(reader: FieldReader, version: ProtocolVersion): SubscriptionRequest {
  const filter = reader.topicFilter() // [MQTT-3.8.3-1][3.1.1 MQTT-3.8.3-1]
  const options = reader.byte('subscription options')
  const qos = options & 0b11
  const noLocal = (options & NO_LOCAL) !== 0
  const retainHandling = (options >> RETAIN_HANDLING_SHIFT) & 0b11
  // [3.1.1 MQTT-3.8.3-4]
  if ((options & RESERVED[version]) !== 0) {
    reader.refuse(ReasonCode.malformedPacket, 'reserved subscription options') // [MQTT-3.8.3-5]
  } else if (qos === 3) {
    reader.refuse(ReasonCode.malformedPacket, 'subscription with QoS 3')
  } else if (retainHandling === 3) {
    reader.refuse(ReasonCode.malformedPacket, 'retain handling 3')
  } else if (noLocal && filter.startsWith('$share/')) {
    reader.refuse(ReasonCode.protocolError, 'No Local on a shared subscription') // [MQTT-3.8.3-4]
  }
  return {
    filter,
    qos: qos as QoS,
    noLocal,
    retainAsPublished: (options & RETAIN_AS_PUBLISHED) !== 0,
    retainHandling: retainHandling as 0 | 1 | 2,
  }
}
