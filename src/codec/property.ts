import { PacketType } from './packet-type.ts'

/** The properties by the standard's names [MQTT 5.0, 2.2.2.2]. */
export const Property = {
  payloadFormatIndicator: 0x01,
  messageExpiryInterval: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlationData: 0x09,
  subscriptionIdentifier: 0x0b,
  sessionExpiryInterval: 0x11,
  assignedClientIdentifier: 0x12,
  serverKeepAlive: 0x13,
  authenticationMethod: 0x15,
  authenticationData: 0x16,
  requestProblemInformation: 0x17,
  willDelayInterval: 0x18,
  requestResponseInformation: 0x19,
  responseInformation: 0x1a,
  serverReference: 0x1c,
  reasonString: 0x1f,
  receiveMaximum: 0x21,
  topicAliasMaximum: 0x22,
  topicAlias: 0x23,
  maximumQoS: 0x24,
  retainAvailable: 0x25,
  userProperty: 0x26,
  maximumPacketSize: 0x27,
  wildcardSubscriptionAvailable: 0x28,
  subscriptionIdentifierAvailable: 0x29,
  sharedSubscriptionAvailable: 0x2a,
} as const

/** How a property's value is encoded [MQTT 5.0, 1.5]. The standard's bytes are all flags: 0 or 1. */
export const ValueType = {
  flag: 1,
  twoByteInteger: 2,
  fourByteInteger: 3,
  variableByteInteger: 4,
  utf8String: 5,
  binaryData: 6,
  utf8StringPair: 7,
} as const

type CarrierName = 'WILL' | Exclude<keyof typeof PacketType, 'PINGREQ' | 'PINGRESP'>

/** Bits that say in which packet a property may stand: `1 << PacketType`. A will's properties have bit 0. */
export const Carrier: Readonly<Record<CarrierName, number>> = {
  WILL: 1,
  CONNECT: 1 << PacketType.CONNECT,
  CONNACK: 1 << PacketType.CONNACK,
  PUBLISH: 1 << PacketType.PUBLISH,
  PUBACK: 1 << PacketType.PUBACK,
  PUBREC: 1 << PacketType.PUBREC,
  PUBREL: 1 << PacketType.PUBREL,
  PUBCOMP: 1 << PacketType.PUBCOMP,
  SUBSCRIBE: 1 << PacketType.SUBSCRIBE,
  SUBACK: 1 << PacketType.SUBACK,
  UNSUBSCRIBE: 1 << PacketType.UNSUBSCRIBE,
  UNSUBACK: 1 << PacketType.UNSUBACK,
  DISCONNECT: 1 << PacketType.DISCONNECT,
  AUTH: 1 << PacketType.AUTH,
}

const { WILL, CONNECT, CONNACK, PUBLISH, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, DISCONNECT, AUTH } =
  Carrier
const ACKS = Carrier.PUBACK | Carrier.PUBREC | Carrier.PUBREL | Carrier.PUBCOMP
const EVERYWHERE =
  WILL | CONNECT | CONNACK | PUBLISH | ACKS | SUBSCRIBE | SUBACK | UNSUBSCRIBE | UNSUBACK | DISCONNECT | AUTH
const ANSWERS = CONNACK | ACKS | SUBACK | UNSUBACK | DISCONNECT | AUTH

const TABLE: readonly (readonly [property: number, type: number, carriers: number])[] = [
  [Property.payloadFormatIndicator, ValueType.flag, PUBLISH | WILL],
  [Property.messageExpiryInterval, ValueType.fourByteInteger, PUBLISH | WILL],
  [Property.contentType, ValueType.utf8String, PUBLISH | WILL], // [MQTT-3.3.2-19]
  [Property.responseTopic, ValueType.utf8String, PUBLISH | WILL], // [MQTT-3.3.2-13]
  [Property.correlationData, ValueType.binaryData, PUBLISH | WILL],
  [Property.subscriptionIdentifier, ValueType.variableByteInteger, PUBLISH | SUBSCRIBE],
  [Property.sessionExpiryInterval, ValueType.fourByteInteger, CONNECT | CONNACK | DISCONNECT],
  [Property.assignedClientIdentifier, ValueType.utf8String, CONNACK],
  [Property.serverKeepAlive, ValueType.twoByteInteger, CONNACK],
  [Property.authenticationMethod, ValueType.utf8String, CONNECT | CONNACK | AUTH],
  [Property.authenticationData, ValueType.binaryData, CONNECT | CONNACK | AUTH],
  [Property.requestProblemInformation, ValueType.flag, CONNECT],
  [Property.willDelayInterval, ValueType.fourByteInteger, WILL],
  [Property.requestResponseInformation, ValueType.flag, CONNECT],
  [Property.responseInformation, ValueType.utf8String, CONNACK],
  [Property.serverReference, ValueType.utf8String, CONNACK | DISCONNECT],
  [Property.reasonString, ValueType.utf8String, ANSWERS],
  [Property.receiveMaximum, ValueType.twoByteInteger, CONNECT | CONNACK],
  [Property.topicAliasMaximum, ValueType.twoByteInteger, CONNECT | CONNACK],
  [Property.topicAlias, ValueType.twoByteInteger, PUBLISH],
  [Property.maximumQoS, ValueType.flag, CONNACK],
  [Property.retainAvailable, ValueType.flag, CONNACK],
  [Property.userProperty, ValueType.utf8StringPair, EVERYWHERE], // [MQTT-1.5.7-1]
  [Property.maximumPacketSize, ValueType.fourByteInteger, CONNECT | CONNACK],
  [Property.wildcardSubscriptionAvailable, ValueType.flag, CONNACK],
  [Property.subscriptionIdentifierAvailable, ValueType.flag, CONNACK],
  [Property.sharedSubscriptionAvailable, ValueType.flag, CONNACK],
]

/** By property identifier: its {@link ValueType}; 0 where the standard has no such property. */
export const VALUE_TYPES: Uint8Array = new Uint8Array(256)
/** By property identifier: the {@link Carrier} bits of the packets in which it may stand. */
export const CARRIERS: Uint16Array = new Uint16Array(256)
/** By property identifier: a bit of its own, to notice that it comes twice; 0 for one that may. */
export const ONCE_BITS: Uint32Array = new Uint32Array(256)

for (const [row, [property, type, carriers]] of TABLE.entries()) {
  VALUE_TYPES[property] = type
  CARRIERS[property] = carriers
  ONCE_BITS[property] = property === Property.userProperty ? 0 : 1 << row
}
