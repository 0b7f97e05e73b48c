import { PacketType } from './packet-type.ts'
import { ReasonCode } from './reason-code.ts'

/**
 * The flag bits that the standard prescribes for what a client may send, but for PUBLISH
 * [MQTT-2.1.3-1][3.1.1 MQTT-2.2.2-1].
 */
const CLIENT_PACKET_FLAGS: Readonly<Partial<Record<PacketType, number>>> = {
  [PacketType.CONNECT]: 0b0000,
  [PacketType.PUBACK]: 0b0000,
  [PacketType.PUBREC]: 0b0000,
  [PacketType.PUBREL]: 0b0010, // [MQTT-3.6.1-1][3.1.1 MQTT-3.6.1-1]
  [PacketType.PUBCOMP]: 0b0000,
  [PacketType.SUBSCRIBE]: 0b0010, // [MQTT-3.8.1-1][3.1.1 MQTT-3.8.1-1]
  [PacketType.UNSUBSCRIBE]: 0b0010, // [MQTT-3.10.1-1][3.1.1 MQTT-3.10.1-1]
  [PacketType.PINGREQ]: 0b0000,
  [PacketType.DISCONNECT]: 0b0000, // [MQTT-3.14.1-1][3.1.1 MQTT-3.14.1-1]
  [PacketType.AUTH]: 0b0000, // [MQTT-3.15.1-1]
}

const RESERVED = 0

/** What only a server sends. */
const SERVER_PACKETS: ReadonlySet<number> = new Set([
  PacketType.CONNACK,
  PacketType.SUBACK,
  PacketType.UNSUBACK,
  PacketType.PINGRESP,
])

/**
 * Other flags make these malformed, as they do any packet, and the connection is closed. Which code it is
 * told of is the server's choice [MQTT 5.0, 4.13.1]: here it is the one that other brokers send.
 */
const WRONG_FLAGS_PROTOCOL_ERROR: ReadonlySet<number> = new Set([
  PacketType.PUBREL,
  PacketType.DISCONNECT,
  PacketType.AUTH,
])

/** Whether this is the first byte of a packet of a server's, with its flags as they are to be. */
export function isServerPacket(firstByte: number): boolean {
  return SERVER_PACKETS.has(firstByte >> 4) && (firstByte & 0b1111) === 0
}

function judge(firstByte: number): number {
  const type = firstByte >> 4
  const flags = firstByte & 0b1111
  if (type === PacketType.PUBLISH) {
    // [MQTT-3.3.1-4][3.1.1 MQTT-3.3.1-4]
    if (((flags >> 1) & 0b11) === 3) return ReasonCode.malformedPacket
    return flags >> 1 === 0b100 ? ReasonCode.malformedPacket : 0 // [MQTT-3.3.1-2][3.1.1 MQTT-3.3.1-2]
  }
  // type 0 is reserved, and has no flags that could be right; neither has a CONNACK
  if (type === RESERVED || type === PacketType.CONNACK) return ReasonCode.protocolError
  if (SERVER_PACKETS.has(type)) return flags === 0 ? ReasonCode.protocolError : ReasonCode.malformedPacket
  // [3.1.1 MQTT-2.2.2-2]
  if (CLIENT_PACKET_FLAGS[type as PacketType] === flags) return 0
  return WRONG_FLAGS_PROTOCOL_ERROR.has(type) ? ReasonCode.protocolError : ReasonCode.malformedPacket
}

/** For every first byte that a client can send: 0, or the reason code with which it is refused. */
export const FIRST_BYTE_REFUSALS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => judge(byte))
