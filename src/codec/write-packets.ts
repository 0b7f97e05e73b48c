import { Buffer } from 'node:buffer'
import {
  generate,
  type IConnackPacket,
  type Packet,
  type UserProperties as Pairs,
  writeToStream,
} from 'mqtt-packet'
import { assert } from '../base/assert.ts'
import { CONNACKS_KEPT } from '../base/limits.ts'
import type { ByteSink } from '../base/byte-sink.ts'
import { connackReturnCode } from './connack-return-code.ts'
import type { UserProperties } from './message-properties.ts'
import { PacketType, type ProtocolVersion } from './packet-type.ts'
import { ReasonCode } from './reason-code.ts'

// with its first packet the library would make 65,536 buffers, which holds the event loop for 30 ms
writeToStream.cacheNumbers = false

type GeneratedProperties = NonNullable<IConnackPacket['properties']>

/** The properties of a CONNACK, named as in mqtt-packet; user properties are pairs in their order. */
export type ConnackProperties = {
  readonly [Name in Exclude<keyof GeneratedProperties, 'userProperties'>]?:
    | GeneratedProperties[Name]
    | undefined
} & { readonly userProperties?: UserProperties | undefined }

/** What {@link writeConnack} says. */
export interface Connack {
  readonly sessionPresent: boolean
  /** A reason code of MQTT 5.0, also for clients of MQTT 3.x, who get the return code that comes nearest. */
  readonly reasonCode: number
  readonly version: ProtocolVersion
  readonly properties?: ConnackProperties | undefined
  /** The largest packet that the client takes, in bytes; default: any. */
  readonly maximumPacketSize?: number
}

/** What DISCONNECT may say beside its reason code; never a session expiry interval [MQTT-3.14.2-2]. */
export interface DisconnectDetails {
  readonly reasonString?: string | undefined
  readonly userProperties?: UserProperties | undefined
  readonly serverReference?: string | undefined
}

/** What AUTH says beside its reason code. */
export interface AuthDetails {
  readonly authenticationMethod?: string | undefined
  readonly authenticationData?: Buffer | undefined
  readonly reasonString?: string | undefined
  readonly userProperties?: UserProperties | undefined
}

/** @returns false: the client takes no packet as large, and nothing is written [MQTT-3.1.2-24]. */
export function writeConnack(sink: ByteSink, connack: Connack): boolean {
  const { version, properties, maximumPacketSize = Number.POSITIVE_INFINITY } = connack
  const alike = properties === undefined || Object.values(properties).every(isSmall)
  if (!alike) return emit(sink, connackPacket(connack), version, properties, maximumPacketSize)
  const bytes = connackOf(connack)
  if (bytes.length > maximumPacketSize) return false
  sink.append(bytes, 0, bytes.length)
  return true
}

/** Nothing of a client's own: no text, no bytes, no list. */
function isSmall(value: unknown): boolean {
  return value === undefined || typeof value === 'number' || typeof value === 'boolean'
}

/** Most clients are answered alike. */
const connacks = new Map<string, Buffer>()

/** One that has no text of a client's own: encoded once for all who are told the same. */
function connackOf(connack: Connack): Buffer {
  const { sessionPresent, reasonCode, version, properties } = connack
  const key = JSON.stringify([sessionPresent, reasonCode, version, properties])
  const known = connacks.get(key)
  if (known !== undefined) return known
  if (connacks.size >= CONNACKS_KEPT) connacks.clear()
  const bytes = encoded(connackPacket(connack), version, properties ?? {})
  connacks.set(key, bytes)
  return bytes
}

function connackPacket({ sessionPresent, reasonCode, version }: Connack): Packet {
  return {
    cmd: 'connack',
    // the one flag there is [MQTT-3.2.2-1], 0 in a refusal [MQTT-3.2.2-6]; MQTT 3.1 has none
    sessionPresent: sessionPresent && reasonCode === ReasonCode.success && version !== 3,
    reasonCode,
    returnCode: connackReturnCode(reasonCode),
  }
}

/** A PUBACK or PUBREC of MQTT 5.0 that says why not, as far as it fits [MQTT-3.5.2-2][MQTT-3.5.2-3]. */
export function writeRefusedPublish(
  sink: ByteSink,
  qos: 1 | 2,
  packetId: number,
  reasonCode: number,
  reasonString?: string,
  userProperties?: UserProperties,
  maximumPacketSize?: number,
): void {
  const cmd = qos === 1 ? 'puback' : 'pubrec'
  const words = { reasonString, userProperties }
  emit(sink, { cmd, messageId: packetId, reasonCode }, 5, words, maximumPacketSize)
}

/**
 * @param packetId that of the SUBSCRIBE packet [MQTT-2.2.1-6]
 * @param codes one a filter, in its order [MQTT-3.9.3-1]
 * @returns as {@link writeConnack}
 */
export function writeSuback(
  sink: ByteSink,
  packetId: number,
  codes: readonly number[],
  version: ProtocolVersion,
  reasonString?: string,
  userProperties?: UserProperties,
  maximumPacketSize?: number,
): boolean {
  // [3.1.1 MQTT-3.9.3-2]: one code for every failure
  const highest = version === 5 ? 0xff : ReasonCode.unspecifiedError
  // in the order of the filters [3.1.1 MQTT-3.9.3-1]
  const granted = codes.map((code) => Math.min(code, highest))
  const words = { reasonString, userProperties }
  // [3.1.1 MQTT-2.3.1-7][3.1.1 MQTT-3.8.4-2]
  return emit(sink, { cmd: 'suback', messageId: packetId, granted }, version, words, maximumPacketSize)
}

/**
 * @param packetId that of the UNSUBSCRIBE packet [MQTT-2.2.1-6]
 * @param codes one a filter, in its order [MQTT-3.11.3-1]; MQTT 3.x has none
 * @returns as {@link writeConnack}
 */
export function writeUnsuback(
  sink: ByteSink,
  packetId: number,
  codes: readonly number[],
  version: ProtocolVersion,
  reasonString?: string,
  userProperties?: UserProperties,
  maximumPacketSize?: number,
): boolean {
  const words = { reasonString, userProperties }
  // [3.1.1 MQTT-2.3.1-7][3.1.1 MQTT-3.10.4-4]
  const packet: Packet = { cmd: 'unsuback', messageId: packetId, granted: [...codes] }
  return emit(sink, packet, version, words, maximumPacketSize)
}

/** Writes nothing before MQTT 5.0, where a server's DISCONNECT does not exist: closing says it all. */
export function writeDisconnect(
  sink: ByteSink,
  reasonCode: number,
  version: ProtocolVersion,
  details: DisconnectDetails = {},
  maximumPacketSize?: number,
): void {
  if (version === 5) emit(sink, { cmd: 'disconnect', reasonCode }, version, details, maximumPacketSize)
}

/**
 * AUTH exists in MQTT 5.0 only.
 *
 * @returns as {@link writeConnack}
 */
export function writeAuth(
  sink: ByteSink,
  reasonCode: number,
  details: AuthDetails,
  maximumPacketSize?: number,
): boolean {
  return emit(sink, { cmd: 'auth', reasonCode }, 5, details, maximumPacketSize)
}

/** [MQTT-3.12.4-1] */
export function writePingresp(sink: ByteSink): void {
  const at = sink.reserve(2)
  sink.bytes[at] = PacketType.PINGRESP << 4
  sink.bytes[at + 1] = 0
}

/**
 * What only explains is left out where the packet would be larger than the client takes: first the user
 * properties, then the reason string. One place for all packets that carry them [MQTT-3.9.2-1]
 * [MQTT-3.11.2-1][MQTT-3.14.2-4][MQTT-3.15.2-3][MQTT-3.2.2-19]
 * [MQTT-3.2.2-20][MQTT-3.4.2-2][MQTT-3.4.2-3][MQTT-3.9.2-2][MQTT-3.11.2-2][MQTT-3.14.2-3][MQTT-3.15.2-2].
 *
 * @returns false: even the rest is too large, and nothing is written [MQTT-3.1.2-24].
 */
function emit(
  sink: ByteSink,
  packet: Packet,
  version: ProtocolVersion,
  properties: ConnackProperties = {},
  maximumPacketSize: number = Number.POSITIVE_INFINITY,
): boolean {
  let bytes = encoded(packet, version, properties)
  if (bytes.length > maximumPacketSize) {
    const { userProperties: _pairs, ...fewer } = properties
    bytes = encoded(packet, version, fewer)
    if (bytes.length > maximumPacketSize) {
      const { reasonString: _reason, ...least } = fewer
      bytes = encoded(packet, version, least)
    }
  }
  if (bytes.length > maximumPacketSize) return false
  sink.append(bytes, 0, bytes.length)
  return true
}

function encoded(packet: Packet, version: ProtocolVersion, properties: ConnackProperties): Buffer {
  const bytes = generate({ ...packet, properties: generated(properties) } as Packet, {
    protocolVersion: version,
  })
  return version === 5 ? withoutEmptyTail(bytes) : bytes
}

/** Bytes of these packets before their properties, whose length may be left out where there are none. */
const BEFORE_PROPERTIES: Readonly<Partial<Record<PacketType, number>>> = {
  [PacketType.PUBACK]: 5, // [MQTT 5.0, 3.4.2.2.1]
  [PacketType.PUBREC]: 5, // [MQTT 5.0, 3.5.2.2.1]
  [PacketType.DISCONNECT]: 3, // [MQTT 5.0, 3.14.2.2.1]
}

/** The library always writes the length. */
function withoutEmptyTail(bytes: Buffer): Buffer {
  const size = BEFORE_PROPERTIES[((bytes[0] as number) >> 4) as PacketType]
  if (size === undefined || bytes.length !== size + 1) return bytes
  bytes[1] = size - 2
  return bytes.subarray(0, size)
}

/**
 * Properties as mqtt-packet wants them: user properties as a list of one-pair objects, which alone keeps
 * their order and those that come twice. Its types don't know this form. A string of more than 65,535 bytes
 * would corrupt the packet silently.
 */
function generated(properties: ConnackProperties): GeneratedProperties {
  const { userProperties, ...others } = properties
  for (const value of Object.values(others)) assertFits(value)
  // it skips what is undefined, which its types don't say either
  const rest = others as GeneratedProperties
  if (userProperties === undefined || userProperties.length === 0) return rest
  const pairs = userProperties.map(([name, value]) => {
    assertFits(name)
    assertFits(value)
    return { [name]: value }
  })
  return { ...rest, userProperties: pairs as unknown as Pairs }
}

function assertFits(value: unknown): void {
  if (typeof value !== 'string') return
  assert(Buffer.byteLength(value) <= 0xffff, 'a string in a packet has at most 65,535 bytes')
}
