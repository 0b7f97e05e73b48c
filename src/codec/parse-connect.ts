import type { Buffer } from 'node:buffer'
import { FieldReader } from './field-reader.ts'
import type { MessageProperties, UserProperties } from './message-properties.ts'
import { PacketType, type ProtocolVersion, type QoS } from './packet-type.ts'
import type { ConnectPacket, Refusal, Will } from './packets.ts'
import { Carrier, Property } from './property.ts'
import { ReasonCode } from './reason-code.ts'

/** The bits of Connect Flags [MQTT 5.0, 3.1.2.3]. */
const Flag = {
  reserved: 0x01,
  cleanStart: 0x02,
  will: 0x04,
  willRetain: 0x20,
  password: 0x40,
  username: 0x80,
} as const
const WILL_QOS_SHIFT = 3
const RECEIVE_MAXIMUM_DEFAULT = 65_535
const PLAIN_CONNECT = PacketType.CONNECT << 4
/** With which code a client identifier is refused that is no text: before MQTT 5.0 in silence. */
const INVALID_ID: Readonly<Record<ProtocolVersion, number>> = {
  3: ReasonCode.malformedPacket,
  4: ReasonCode.malformedPacket,
  5: ReasonCode.clientIdentifierNotValid,
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

/** What a CONNECT's properties say; before MQTT 5.0, what their absence means. */
type ConnectOptions = Writable<
  Pick<
    ConnectPacket,
    | 'sessionExpirySec'
    | 'receiveMaximum'
    | 'maximumPacketSize'
    | 'topicAliasMaximum'
    | 'requestResponseInformation'
    | 'requestProblemInformation'
    | 'userProperties'
    | 'authenticationMethod'
    | 'authenticationData'
  >
>

/**
 * Parses CONNECT [MQTT 5.0, 3.1]. The version that it asks for decides how the rest reads, hence unlike the
 * other parsers it needs to be told none.
 */
export function parseConnect(
  buffer: Buffer,
  firstByte: number,
  _start: number,
  body: number,
  end: number,
): ConnectPacket | Refusal {
  const version = negotiate(buffer, body, end)
  if (typeof version !== 'number') return version
  // MQTT 3.1 has no use for these bits and the reserved flag below; later nobody who sets them is answered
  // [MQTT-2.1.3-1]
  if (version !== 3 && firstByte !== PLAIN_CONNECT) return malformed('flags of the fixed header')
  const reader = new FieldReader(buffer, body, end, version)
  reader.string('protocol name')
  reader.byte('protocol level')
  const flags = reader.byte('connect flags')
  // [MQTT-3.1.2-12][3.1.1 MQTT-3.1.2-14]
  if ((flags & Flag.will) !== 0 && willQosOf(flags) === 3) return malformed('will QoS 3')
  judgeFlags(reader, flags, version)
  if (reader.refusal === null && reader.left < 2) return malformed('keep alive: cut short')
  const keepAliveSec = reader.twoByteInteger('keep alive')
  const options = readOptions(reader, version)
  // in this order [3.1.1 MQTT-3.1.3-1]; the client identifier is always there, of any length and any
  // characters [MQTT-3.1.3-3][MQTT-3.1.3-4][MQTT-3.1.3-5]
  // [3.1.1 MQTT-3.1.3-3][3.1.1 MQTT-3.1.3-4][3.1.1 MQTT-3.1.3-5]
  const clientId = reader.nameOf('client identifier', INVALID_ID[version])
  // [MQTT-3.1.2-9][3.1.1 MQTT-3.1.2-9]
  const will = (flags & Flag.will) === 0 ? undefined : readWill(reader, flags)
  const isCredible = reader.refusal === null
  // [MQTT-3.1.2-16][MQTT-3.1.2-17][MQTT-3.1.3-12][3.1.1 MQTT-3.1.2-19][3.1.1 MQTT-3.1.3-11]
  const username =
    (flags & Flag.username) === 0 ? undefined : reader.nameOf('user name', ReasonCode.malformedPacket)
  // [MQTT-3.1.2-18][MQTT-3.1.2-19][3.1.1 MQTT-3.1.2-21]
  const password = (flags & Flag.password) === 0 ? undefined : reader.binary('password')
  // who garbles its credentials is not helped on: it is closed upon without a word
  if (isCredible && reader.refusal !== null) return reader.refusal
  // a will, a user name or a password that no flag tells of
  // [3.1.1 MQTT-3.1.2-11][3.1.1 MQTT-3.1.2-18][3.1.1 MQTT-3.1.2-20]
  reader.expectEnd()
  const cleanStart = (flags & Flag.cleanStart) !== 0
  if (clientId === '' && (version === 3 || (version === 4 && !cleanStart))) {
    // [3.1.1 MQTT-3.1.3-7][3.1.1 MQTT-3.1.3-8]; MQTT 3.1 asks for at least one character
    reader.refuse(ReasonCode.clientIdentifierNotValid, 'empty client identifier')
  }
  if (reader.refusal !== null) return { ...reader.refusal, version }
  return {
    version,
    cleanStart,
    clientId,
    keepAliveSec,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(will !== undefined && { will }),
    ...options,
  }
}

/** Protocol Name and Protocol Level: which version to speak, or in which to say that it is not spoken. */
function negotiate(buffer: Buffer, body: number, end: number): ProtocolVersion | Refusal {
  const reader = new FieldReader(buffer, body, end, 5)
  const name = reader.string('protocol name')
  const level = reader.byte('protocol level')
  if (reader.refusal !== null) return reader.refusal
  if (name === 'MQTT' && (level === 4 || level === 5)) return level
  if (name === 'MQIsdp' && level === 3) return level
  const refused = ReasonCode.unsupportedProtocolVersion
  if (name === 'MQTT') {
    // [MQTT-3.1.2-2][3.1.1 MQTT-3.1.2-2]; a bridge sets the highest bit of the level whose answer it
    // understands
    const version = answersIn(level) ?? 4
    return { refused, detail: `protocol level ${level}`, version, protocolVersion: level }
  }
  if (name === 'MQIsdp')
    return {
      refused,
      detail: `protocol level ${level}`,
      version: answersIn(level) ?? 3,
      protocolVersion: level,
    }
  // [MQTT-3.1.2-1][3.1.1 MQTT-3.1.2-1]: whoever speaks another protocol would not understand an answer
  return { refused, detail: 'protocol name', protocolVersion: level }
}

/**
 * A level that is of no version is refused as MQTT 5.0 does it [MQTT-3.1.2-2]; one of a version before it,
 * under another name, as that version does [3.1.1 MQTT-3.1.2-2]: then there is nothing here.
 */
function answersIn(level: number): 5 | undefined {
  const asked = level & 0x7f
  return asked === 3 || asked === 4 ? undefined : 5
}

/** A CONNECT that is not answered: no version is named to answer in. */
function malformed(detail: string): Refusal {
  return { refused: ReasonCode.malformedPacket, detail }
}

function willQosOf(flags: number): number {
  return (flags >> WILL_QOS_SHIFT) & 0b11
}

function judgeFlags(reader: FieldReader, flags: number, version: ProtocolVersion): void {
  const willBits = flags & (Flag.willRetain | (0b11 << WILL_QOS_SHIFT))
  if ((flags & Flag.reserved) !== 0 && version !== 3) {
    // [3.1.1 MQTT-3.1.2-3]
    reader.refuse(ReasonCode.malformedPacket, 'reserved connect flag') // [MQTT-3.1.2-3]
  } else if ((flags & Flag.will) === 0 && willBits !== 0) {
    // [3.1.1 MQTT-3.1.2-13][3.1.1 MQTT-3.1.2-15]
    reader.refuse(ReasonCode.malformedPacket, 'will flags without a will') // [MQTT-3.1.2-11], [MQTT-3.1.2-13]
  } else if (version !== 5 && (flags & (Flag.password | Flag.username)) === Flag.password) {
    reader.refuse(ReasonCode.malformedPacket, 'password without user name') // [3.1.1 MQTT-3.1.2-22]
  }
}

function readOptions(reader: FieldReader, version: ProtocolVersion): ConnectOptions {
  const options: ConnectOptions = {
    sessionExpirySec: version === 5 ? 0 : undefined,
    receiveMaximum: RECEIVE_MAXIMUM_DEFAULT,
    maximumPacketSize: 0,
    topicAliasMaximum: 0,
    requestResponseInformation: false,
    requestProblemInformation: undefined,
    userProperties: [],
  }
  options.userProperties = reader.properties(Carrier.CONNECT, (value) => {
    switch (value.property) {
      case Property.sessionExpiryInterval:
        options.sessionExpirySec = value.number
        break
      case Property.receiveMaximum:
        options.receiveMaximum = value.number
        if (value.number === 0) reader.refuse(ReasonCode.protocolError, 'receive maximum 0')
        break
      case Property.maximumPacketSize:
        options.maximumPacketSize = value.number
        if (value.number === 0) reader.refuse(ReasonCode.protocolError, 'maximum packet size 0')
        break
      case Property.topicAliasMaximum:
        options.topicAliasMaximum = value.number
        break
      case Property.requestResponseInformation:
        options.requestResponseInformation = value.number === 1
        break
      case Property.requestProblemInformation:
        options.requestProblemInformation = value.number === 1
        break
      case Property.authenticationMethod:
        options.authenticationMethod = value.text()
        break
      case Property.authenticationData:
        options.authenticationData = value.bytes()
        break
    }
  })
  if (options.authenticationData !== undefined && options.authenticationMethod === undefined) {
    reader.refuse(ReasonCode.protocolError, 'authentication data without a method')
  }
  return options
}

/** Will Properties, Will Topic and Will Payload, in this order [MQTT-3.1.3-1]. */
function readWill(reader: FieldReader, flags: number): Will {
  let delaySec = 0
  let expirySec: number | undefined
  const properties: Writable<MessageProperties> = {}
  const userProperties: UserProperties = reader.properties(Carrier.WILL, (value) => {
    switch (value.property) {
      case Property.willDelayInterval:
        delaySec = value.number
        break
      case Property.messageExpiryInterval:
        expirySec = value.number
        break
      case Property.payloadFormatIndicator:
        properties.payloadFormat = value.number as 0 | 1
        break
      case Property.contentType:
        properties.contentType = value.text()
        break
      case Property.responseTopic:
        properties.responseTopic = value.text()
        // [MQTT-3.3.2-14]
        if (!value.isTopicName()) reader.refuse(ReasonCode.protocolError, 'will response topic')
        break
      case Property.correlationData:
        properties.correlationData = value.bytes()
        break
    }
  })
  if (userProperties.length > 0) properties.userProperties = userProperties // [MQTT-3.1.3-10]
  const topic = reader.topicName('will topic') // [MQTT-3.1.3-11][3.1.1 MQTT-3.1.3-10]
  if (topic === '') reader.refuse(ReasonCode.topicNameInvalid, 'empty will topic')
  return {
    topic,
    payload: reader.binary('will payload'),
    qos: willQosOf(flags) as QoS,
    retain: (flags & Flag.willRetain) !== 0,
    delaySec,
    ...(expirySec !== undefined && { expirySec }),
    ...(Object.keys(properties).length > 0 && { properties }),
  }
}
