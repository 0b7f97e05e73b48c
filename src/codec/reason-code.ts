import { PacketType } from './packet-type.ts'

/** The reason codes, by the standard's names [MQTT 5.0, 2.4]. From 0x80 on they are failures. */
export const ReasonCode = {
  success: 0x00,
  grantedQoS1: 0x01,
  grantedQoS2: 0x02,
  disconnectWithWillMessage: 0x04,
  noMatchingSubscribers: 0x10,
  noSubscriptionExisted: 0x11,
  continueAuthentication: 0x18,
  reAuthenticate: 0x19,
  unspecifiedError: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationSpecificError: 0x83,
  unsupportedProtocolVersion: 0x84,
  clientIdentifierNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  banned: 0x8a,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdentifierInUse: 0x91,
  packetIdentifierNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  messageRateTooHigh: 0x96,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  payloadFormatInvalid: 0x99,
  retainNotSupported: 0x9a,
  qosNotSupported: 0x9b,
  useAnotherServer: 0x9c,
  serverMoved: 0x9d,
  sharedSubscriptionsNotSupported: 0x9e,
  connectionRateExceeded: 0x9f,
  maximumConnectTime: 0xa0,
  subscriptionIdentifiersNotSupported: 0xa1,
  wildcardSubscriptionsNotSupported: 0xa2,
} as const

/** A name of the table above. */
export type ReasonName = keyof typeof ReasonCode

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ReasonCode).map(([name, code]) => [code, name]),
)

/** The standard's name of a code, for logs and reason strings; hex for a number that it lacks. */
export function reasonName(code: number): string {
  return NAMES.get(code) ?? `0x${code.toString(16).padStart(2, '0')}`
}

const PUBACK_CODES: readonly ReasonName[] = [
  'success',
  'noMatchingSubscribers',
  'unspecifiedError',
  'implementationSpecificError',
  'notAuthorized',
  'topicNameInvalid',
  'packetIdentifierInUse',
  'quotaExceeded',
  'payloadFormatInvalid',
]

const PUBREL_CODES: readonly ReasonName[] = ['success', 'packetIdentifierNotFound']

/** Which codes a packet from a client may carry; the packets that are not listed carry none. */
const FROM_CLIENT: Readonly<Partial<Record<PacketType, readonly ReasonName[]>>> = {
  [PacketType.PUBACK]: PUBACK_CODES, // [MQTT-3.4.2-1]
  [PacketType.PUBREC]: PUBACK_CODES, // [MQTT-3.5.2-1]
  [PacketType.PUBREL]: PUBREL_CODES, // [MQTT-3.6.2-1]
  [PacketType.PUBCOMP]: PUBREL_CODES, // [MQTT-3.7.2-1]
  // [MQTT-3.14.2-1]
  [PacketType.DISCONNECT]: [
    'success',
    'disconnectWithWillMessage',
    'unspecifiedError',
    'malformedPacket',
    'protocolError',
    'implementationSpecificError',
    'topicNameInvalid',
    'receiveMaximumExceeded',
    'topicAliasInvalid',
    'packetTooLarge',
    'messageRateTooHigh',
    'quotaExceeded',
    'administrativeAction',
    'payloadFormatInvalid',
  ],
  [PacketType.AUTH]: ['continueAuthentication', 'reAuthenticate'], // [MQTT-3.15.2-1]
}

/** Which codes a packet from the server may carry; the packets that are not listed carry none. */
const FROM_SERVER: Readonly<Partial<Record<PacketType, readonly ReasonName[]>>> = {
  // [MQTT-3.2.2-8]
  [PacketType.CONNACK]: [
    'success',
    'unspecifiedError',
    'malformedPacket',
    'protocolError',
    'implementationSpecificError',
    'unsupportedProtocolVersion',
    'clientIdentifierNotValid',
    'badUserNameOrPassword',
    'notAuthorized',
    'serverUnavailable',
    'serverBusy',
    'banned',
    'badAuthenticationMethod',
    'topicNameInvalid',
    'packetTooLarge',
    'quotaExceeded',
    'payloadFormatInvalid',
    'retainNotSupported',
    'qosNotSupported',
    'useAnotherServer',
    'serverMoved',
    'connectionRateExceeded',
  ],
  [PacketType.PUBACK]: PUBACK_CODES,
  [PacketType.PUBREC]: PUBACK_CODES,
  [PacketType.PUBREL]: PUBREL_CODES,
  [PacketType.PUBCOMP]: PUBREL_CODES,
  // [MQTT-3.9.3-2]
  [PacketType.SUBACK]: [
    'success',
    'grantedQoS1',
    'grantedQoS2',
    'unspecifiedError',
    'implementationSpecificError',
    'notAuthorized',
    'topicFilterInvalid',
    'packetIdentifierInUse',
    'quotaExceeded',
    'sharedSubscriptionsNotSupported',
    'subscriptionIdentifiersNotSupported',
    'wildcardSubscriptionsNotSupported',
  ],
  // [MQTT-3.11.3-2]
  [PacketType.UNSUBACK]: [
    'success',
    'noSubscriptionExisted',
    'unspecifiedError',
    'implementationSpecificError',
    'notAuthorized',
    'topicFilterInvalid',
    'packetIdentifierInUse',
  ],
  // [MQTT-3.14.2-1]
  [PacketType.DISCONNECT]: [
    'success',
    'unspecifiedError',
    'malformedPacket',
    'protocolError',
    'implementationSpecificError',
    'notAuthorized',
    'serverBusy',
    'serverShuttingDown',
    'keepAliveTimeout',
    'sessionTakenOver',
    'topicFilterInvalid',
    'topicNameInvalid',
    'receiveMaximumExceeded',
    'topicAliasInvalid',
    'packetTooLarge',
    'messageRateTooHigh',
    'quotaExceeded',
    'administrativeAction',
    'payloadFormatInvalid',
    'retainNotSupported',
    'qosNotSupported',
    'useAnotherServer',
    'serverMoved',
    'sharedSubscriptionsNotSupported',
    'connectionRateExceeded',
    'maximumConnectTime',
    'subscriptionIdentifiersNotSupported',
    'wildcardSubscriptionsNotSupported',
  ],
  [PacketType.AUTH]: ['success', 'continueAuthentication'],
}

/** Indexed by `type << 8 | code`: acknowledgements look here once a packet. */
function legality(table: typeof FROM_CLIENT): Uint8Array {
  const legal = new Uint8Array(16 << 8)
  for (const [type, names] of Object.entries(table)) {
    for (const name of names) legal[(Number(type) << 8) | ReasonCode[name]] = 1
  }
  return legal
}

const LEGAL_FROM_CLIENT = legality(FROM_CLIENT)
const LEGAL_FROM_SERVER = legality(FROM_SERVER)

/** May a client send this code in a packet of this type? */
export function clientMaySend(type: number, code: number): boolean {
  return LEGAL_FROM_CLIENT[(type << 8) | code] === 1
}

/** May the server send this code in a packet of this type? */
export function serverMaySend(type: number, code: number): boolean {
  return LEGAL_FROM_SERVER[(type << 8) | code] === 1
}
