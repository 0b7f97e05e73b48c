import type { Buffer } from 'node:buffer'
import type { ByteSink } from '../base/byte-sink.ts'
import { PacketType, type ProtocolVersion } from './packet-type.ts'
import { PropertyCursor } from './property-cursor.ts'
import { clientMaySend, ReasonCode } from './reason-code.ts'

/** A PUBACK, PUBREC, PUBREL or PUBCOMP packet. One instance is filled again for every packet. */
export class AckView {
  packetId = 0
  reasonCode = 0
}

const cursor = new PropertyCursor()

/**
 * Judges an acknowledgement. Its reason string and user properties are for people: checked, not kept.
 *
 * @returns 0, or the reason code with which the packet is refused.
 */
export function walkAck(
  view: AckView,
  buffer: Buffer,
  firstByte: number,
  body: number,
  end: number,
  version: ProtocolVersion,
): number {
  if (body + 2 > end) return ReasonCode.malformedPacket
  view.packetId = ((buffer[body] as number) << 8) | (buffer[body + 1] as number)
  view.reasonCode = 0
  if (view.packetId === 0) return ReasonCode.protocolError // [MQTT-2.2.1-3]
  let at = body + 2
  if (at === end) return 0
  if (version !== 5) return ReasonCode.malformedPacket
  const type = firstByte >> 4
  view.reasonCode = buffer[at] as number
  if (!clientMaySend(type, view.reasonCode)) return ReasonCode.protocolError
  at += 1
  if (at === end) return 0
  if (!cursor.open(buffer, at, end, 1 << type)) return cursor.refusal
  while (cursor.next());
  if (cursor.refusal !== 0) return cursor.refusal
  return cursor.end === end ? 0 : ReasonCode.malformedPacket
}

/**
 * Appends an acknowledgement in its shortest form; one that gives reasons is `writeRefusedPublish`'s.
 *
 * @param packetId that of the packet that it answers [MQTT-2.2.1-5]
 */
export function writeAck(
  sink: ByteSink,
  type: number,
  packetId: number,
  reasonCode: number,
  version: ProtocolVersion,
): void {
  const firstByte = (type << 4) | (type === PacketType.PUBREL ? 0b0010 : 0) // [MQTT-3.6.1-1]
  // no words, so it fits any client [MQTT-3.6.2-2][MQTT-3.6.2-3][MQTT-3.7.2-2][MQTT-3.7.2-3]
  const withCode = version === 5 && reasonCode !== 0
  const at = sink.reserve(withCode ? 5 : 4)
  const { bytes } = sink
  bytes[at] = firstByte
  bytes[at + 1] = withCode ? 3 : 2
  // the identifier of what it answers [3.1.1 MQTT-2.3.1-6]
  bytes[at + 2] = packetId >> 8
  bytes[at + 3] = packetId
  if (withCode) bytes[at + 4] = reasonCode
}
