import { Buffer } from 'node:buffer'
import type { ByteSink } from '../base/byte-sink.ts'
import { ENCODE_SLAB_BYTES } from '../base/limits.ts'
import type { Message } from './message.ts'
import { PacketType, type ProtocolVersion, type QoS } from './packet-type.ts'
import { Property } from './property.ts'
import { variableByteIntegerSize, writeVariableByteInteger } from './variable-byte-integer.ts'

/** A PUBLISH packet that many subscribers get: made once, sent often, only its packet id patched. */
export class EncodedPublish {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** Where in `bytes` the packet id stands, written as 0; -1 for QoS 0, which has none. */
  readonly packetIdAt: number

  constructor(bytes: Buffer, start: number, end: number, packetIdAt: number) {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.packetIdAt = packetIdAt
  }
}

const EXPIRY_SIZE = 5
const EXPIRY_SEC_MAX = 0xffff_ffff

// packets are cut from a slab one after the other: making a Buffer for each would cost more than filling it
let slab: Buffer = Buffer.allocUnsafeSlow(ENCODE_SLAB_BYTES)
let slabUsed = 0

/**
 * Encodes a message for subscribers of one protocol version that get it with this QoS and these flags.
 *
 * @param subscriptionIds of the subscriptions that match, all in one copy [MQTT-3.3.4-4]
 * @param now milliseconds of the epoch: the message expiry interval is counted down to it [MQTT-3.3.2-6]
 */
export function encodePublish(
  message: Message,
  version: ProtocolVersion,
  qos: QoS,
  retain: boolean,
  dup: boolean,
  subscriptionIds: readonly number[] | null,
  now: number,
): EncodedPublish {
  const idSize = version === 5 && subscriptionIds !== null ? subscriptionIdsSize(subscriptionIds) : 0
  if (qos === 0 && !retain && idSize === 0 && mayGoVerbatim(message, version)) {
    return new EncodedPublish(message.payloadBuffer, message.frameStart, message.frameEnd, -1)
  }

  const topicSize = message.topicEnd - message.topicStart
  const payloadSize = message.payloadEnd - message.payloadStart
  const expires = version === 5 && message.expiresAt !== 0
  let propertySize = idSize
  let remaining = 2 + topicSize + (qos === 0 ? 0 : 2) + payloadSize
  if (version === 5) {
    propertySize += message.propertyEnd - message.propertyStart + (expires ? EXPIRY_SIZE : 0)
    remaining += variableByteIntegerSize(propertySize) + propertySize
  }

  const size = 1 + variableByteIntegerSize(remaining) + remaining
  const start = reserve(size)
  const bytes = start < 0 ? Buffer.allocUnsafeSlow(size) : slab
  let at = Math.max(start, 0)
  // DUP is this packet's own, whatever the publisher's was [MQTT-3.3.1-3]; QoS 0 has none [MQTT-3.3.1-2]
  // [MQTT-4.3.1-1][3.1.1 MQTT-3.3.1-2][3.1.1 MQTT-3.3.1-3]
  const dupFlag = dup && qos !== 0 ? 0b1000 : 0
  bytes[at++] = (PacketType.PUBLISH << 4) | dupFlag | (qos << 1) | (retain ? 1 : 0)
  at = writeVariableByteInteger(bytes, at, remaining)
  at = writeUint16(bytes, at, topicSize)
  at += message.topicBuffer.copy(bytes, at, message.topicStart, message.topicEnd)
  let packetIdAt = -1
  // [MQTT-2.2.1-2]
  if (qos !== 0) {
    // [3.1.1 MQTT-2.3.1-5]
    packetIdAt = at
    at = writeUint16(bytes, at, 0)
  }
  if (version === 5) {
    at = writeVariableByteInteger(bytes, at, propertySize) // [MQTT-2.2.2-1]
    if (expires) at = writeExpiry(bytes, at, message.expiresAt - now)
    if (message.propertyBuffer !== null) {
      // user properties in their order [MQTT-3.3.2-17][MQTT-3.3.2-18], and all else unaltered [MQTT-3.3.2-4]
      // [MQTT-3.3.2-15][MQTT-3.3.2-16][MQTT-3.3.2-20]
      at += message.propertyBuffer.copy(bytes, at, message.propertyStart, message.propertyEnd)
    }
    // [MQTT-3.3.4-3]
    if (idSize > 0 && subscriptionIds !== null) at = writeSubscriptionIds(bytes, at, subscriptionIds)
  }
  at += message.payloadBuffer.copy(bytes, at, message.payloadStart, message.payloadEnd)
  return new EncodedPublish(bytes, at - size, at, packetIdAt)
}

/** Appends the packet with this packet id (any, for QoS 0) and returns where in the sink it begins. */
export function appendPublish(sink: ByteSink, encoded: EncodedPublish, packetId: number): number {
  const offset = sink.append(encoded.bytes, encoded.start, encoded.end)
  if (encoded.packetIdAt >= 0) writeUint16(sink.bytes, offset + encoded.packetIdAt - encoded.start, packetId)
  return offset
}

/** The size of the whole packet, which a client's Maximum Packet Size is about [MQTT-3.1.2-24]. */
export function encodedSize(encoded: EncodedPublish): number {
  return encoded.end - encoded.start
}

/** MQTT 3.1 and 3.1.1 have the same PUBLISH. */
function mayGoVerbatim(message: Message, version: ProtocolVersion): boolean {
  const { frameVersion } = message
  return frameVersion !== 0 && (frameVersion === version || (frameVersion !== 5 && version !== 5))
}

/** Room in the slab; -1: this packet is too big for it. A used-up slab lives as long as its packets. */
function reserve(size: number): number {
  if (size > ENCODE_SLAB_BYTES / 4) return -1
  if (slabUsed + size > ENCODE_SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(ENCODE_SLAB_BYTES)
    slabUsed = 0
  }
  const start = slabUsed
  slabUsed += size
  return start
}

function writeUint16(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >> 8
  bytes[at + 1] = value
  return at + 2
}

function writeExpiry(bytes: Buffer, at: number, remainingMs: number): number {
  bytes[at] = Property.messageExpiryInterval
  const seconds = Math.min(Math.max(Math.ceil(remainingMs / 1000), 0), EXPIRY_SEC_MAX)
  return bytes.writeUInt32BE(seconds, at + 1)
}

function subscriptionIdsSize(ids: readonly number[]): number {
  let size = 0
  for (const id of ids) size += 1 + variableByteIntegerSize(id)
  return size
}

function writeSubscriptionIds(bytes: Buffer, at: number, ids: readonly number[]): number {
  for (const id of ids) {
    bytes[at] = Property.subscriptionIdentifier
    at = writeVariableByteInteger(bytes, at + 1, id)
  }
  return at
}
