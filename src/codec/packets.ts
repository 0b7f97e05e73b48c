import type { Buffer } from 'node:buffer'
import type { MessageProperties, UserProperties } from './message-properties.ts'
import type { ProtocolVersion, QoS } from './packet-type.ts'

/** Why a packet is refused: expected of hostile bytes, hence not thrown. `'refused' in packet` tells. */
export interface Refusal {
  /** A reason code from 0x80 on. */
  readonly refused: number
  /** What is wrong, for the log. */
  readonly detail: string
  /** It is closed upon without a word: it has said goodbye. */
  readonly silent?: true
  /** In which version to answer a CONNECT; absent when the client speaks none that we could answer in. */
  readonly version?: ProtocolVersion
  /** The protocol level that the client asked for, when it is one that we don't speak. */
  readonly protocolVersion?: number
}

/**
 * Every parser of a whole packet has this shape, so that a table can dispatch to them. The frame is one that
 * the framer handed out: `buffer[start..end)`, with its body at `body`.
 */
export type PacketParser<Packet> = (
  buffer: Buffer,
  firstByte: number,
  start: number,
  body: number,
  end: number,
  version: ProtocolVersion,
) => Packet | Refusal

/** The will of a CONNECT packet. */
export interface Will {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: QoS
  readonly retain: boolean
  readonly delaySec: number
  readonly expirySec?: number
  readonly properties?: MessageProperties
}

/** CONNECT [MQTT 5.0, 3.1]. Before MQTT 5.0 the fields that came with it have their defaults. */
export interface ConnectPacket {
  readonly version: ProtocolVersion
  readonly cleanStart: boolean
  /** '': the server is to assign one. */
  readonly clientId: string
  /** 0: none. */
  readonly keepAliveSec: number
  readonly username?: string
  readonly password?: Buffer
  readonly will?: Will
  /** `undefined` before MQTT 5.0, where Clean Session alone decides. */
  readonly sessionExpirySec: number | undefined
  readonly receiveMaximum: number
  /** 0: no limit. */
  readonly maximumPacketSize: number
  readonly topicAliasMaximum: number
  readonly requestResponseInformation: boolean
  /** Undefined: it has not said, which forbids nothing. */
  readonly requestProblemInformation: boolean | undefined
  readonly userProperties: UserProperties
  readonly authenticationMethod?: string
  readonly authenticationData?: Buffer
}

/** One of a SUBSCRIBE packet's filters with its subscription options. */
export interface SubscriptionRequest {
  /** UTF-8 without control characters; whether its wildcards stand where they may is not judged yet. */
  readonly filter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: 0 | 1 | 2
}

/** SUBSCRIBE [MQTT 5.0, 3.8]. */
export interface SubscribePacket {
  readonly packetId: number
  /** 0: none. */
  readonly subscriptionId: number
  readonly userProperties: UserProperties
  readonly filters: readonly SubscriptionRequest[]
}

/** UNSUBSCRIBE [MQTT 5.0, 3.10]. */
export interface UnsubscribePacket {
  readonly packetId: number
  readonly userProperties: UserProperties
  readonly filters: readonly string[]
}

/** DISCONNECT [MQTT 5.0, 3.14]. */
export interface DisconnectPacket {
  readonly reasonCode: number
  readonly sessionExpirySec?: number
  readonly reasonString?: string
  readonly userProperties: UserProperties
}

/** AUTH [MQTT 5.0, 3.15]. */
export interface AuthPacket {
  readonly reasonCode: number
  readonly authenticationMethod?: string
  readonly authenticationData?: Buffer
  readonly reasonString?: string
  readonly userProperties: UserProperties
}
