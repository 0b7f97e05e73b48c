import { Buffer } from 'node:buffer'
import { generate, type IConnackPacket, type Packet, type UserProperties as Pairs } from 'mqtt-packet'
import { assert } from '../base/assert.ts'
import type { ByteSink } from '../base/byte-sink.ts'
import { connackReturnCode } from './connack-return-code.ts'
import type { UserProperties } from './message-properties.ts'
import { PacketType, type ProtocolVersion } from './packet-type.ts'
import { ReasonCode } from './reason-code.ts'

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
}

/** What DISCONNECT may say beside its reason code. */
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

export function writeConnack(sink: ByteSink, connack: Connack): void {
  const { reasonCode, version, properties } = connack
  emit(
    sink,
    {
      cmd: 'connack',
      // [MQTT-3.2.2-6]; MQTT 3.1 has no such flag
      sessionPresent: connack.sessionPresent && reasonCode === ReasonCode.success && version !== 3,
      reasonCode,
      returnCode: connackReturnCode(reasonCode),
      ...(properties !== undefined && { properties: generated(properties) }),
    },
    version,
  )
}

/** A PUBACK or PUBREC of MQTT 5.0 that says why not. */
export function writeRefusedPublish(
  sink: ByteSink,
  qos: 1 | 2,
  packetId: number,
  reasonCode: number,
  reasonString?: string,
  userProperties?: UserProperties,
): void {
  const properties = generated({ reasonString, userProperties })
  emit(sink, { cmd: qos === 1 ? 'puback' : 'pubrec', messageId: packetId, reasonCode, properties }, 5)
}

/** @param codes one a filter, in the order of the SUBSCRIBE packet [MQTT-3.9.3-1] */
export function writeSuback(
  sink: ByteSink,
  packetId: number,
  codes: readonly number[],
  version: ProtocolVersion,
  reasonString?: string,
  userProperties?: UserProperties,
): void {
  // [MQTT-3.9.3-2] of MQTT 3.1.1: one code for every failure
  const highest = version === 5 ? 0xff : ReasonCode.unspecifiedError
  const granted = codes.map((code) => Math.min(code, highest))
  const properties = generated({ reasonString, userProperties })
  emit(sink, { cmd: 'suback', messageId: packetId, granted, properties }, version)
}

/** @param codes one a filter, in the order of the UNSUBSCRIBE packet [MQTT-3.11.3-1]; MQTT 3.x has none */
export function writeUnsuback(
  sink: ByteSink,
  packetId: number,
  codes: readonly number[],
  version: ProtocolVersion,
  reasonString?: string,
  userProperties?: UserProperties,
): void {
  const properties = generated({ reasonString, userProperties })
  emit(sink, { cmd: 'unsuback', messageId: packetId, granted: [...codes], properties }, version)
}

/** Writes nothing before MQTT 5.0, where a server's DISCONNECT does not exist: closing says it all. */
export function writeDisconnect(
  sink: ByteSink,
  reasonCode: number,
  version: ProtocolVersion,
  details: DisconnectDetails = {},
): void {
  if (version === 5) emit(sink, { cmd: 'disconnect', reasonCode, properties: generated(details) }, version)
}

/** AUTH exists in MQTT 5.0 only. */
export function writeAuth(sink: ByteSink, reasonCode: number, details: AuthDetails): void {
  emit(sink, { cmd: 'auth', reasonCode, properties: generated(details) }, 5)
}

/** [MQTT-3.12.4-1] */
export function writePingresp(sink: ByteSink): void {
  const at = sink.reserve(2)
  sink.bytes[at] = PacketType.PINGRESP << 4
  sink.bytes[at + 1] = 0
}

function emit(sink: ByteSink, packet: Packet, version: ProtocolVersion): void {
  const bytes = generate(packet, { protocolVersion: version })
  sink.append(bytes, 0, bytes.length)
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
