import { Buffer } from 'node:buffer'
import { type IPublishPacket, type ISubscription, type Packet, parser } from 'mqtt-packet'
import type { ProtocolVersion } from './packet-type.ts'

/** A packet for those who only want to look at it. */
export interface DescribedPacket {
  /** Of the whole packet, in bytes. */
  readonly length: number
  /**
   * The event's JSON text: `{"packet":{"cmd":"publish",…}}`. Never the password; a payload only up to so many
   * bytes, -1 for none.
   */
  text(maxPayloadBytes: number): string
}

/**
 * Whole packets as plain data for `onMqttPacketReceived` and `onMqttPacketSent`: every header field written
 * out, under the SDK's names. The bytes have been judged, or made, by this room before, so the library only
 * has to read them. Each is read when it is asked for.
 *
 * @param wanted is asked once for each packet, with its length; what is not wanted is not read.
 */
export function* describePackets(
  bytes: Buffer,
  version: ProtocolVersion,
  wanted: (length: number) => boolean,
): Generator<DescribedPacket, void> {
  const described: Packet[] = []
  const reader = parser({ protocolVersion: version })
  reader.on('packet', (packet: Packet) => described.push(packet))
  // what the library cannot read of our own writing is not worth a failure of delivery: nobody is told of it
  reader.on('error', () => described.splice(0))
  for (let start = 0, end = 0; start < bytes.length; start = end) {
    end = endOfPacket(bytes, start)
    if (!wanted(end - start)) continue
    reader.parse(bytes.subarray(start, end))
    const packet = described.pop()
    if (packet === undefined) continue
    yield { length: end - start, text: (maxPayloadBytes) => packetText(packet, maxPayloadBytes) }
  }
}

/** How many whole packets these are. */
export function countPackets(bytes: Buffer): number {
  let count = 0
  for (let start = 0; start < bytes.length; start = endOfPacket(bytes, start)) count += 1
  return count
}

/** Behind the packet that begins here: a byte, the variable byte integer of its length, and as much. */
function endOfPacket(bytes: Buffer, start: number): number {
  let length = 0
  let at = start + 1
  for (let scale = 1; ; scale *= 128) {
    const digit = bytes[at] ?? 0
    at += 1
    length += (digit & 0x7f) * scale
    if (digit < 0x80) return at + length
  }
}

type Fields = Readonly<Record<string, unknown>>

/**
 * The event's JSON text of one packet that was read, or is about to be written, by the library.
 *
 * @param maxPayloadBytes a payload only up to so many bytes, -1 for none.
 */
export function packetText(packet: Packet, maxPayloadBytes: number): string {
  return JSON.stringify({ packet: { cmd: packet.cmd, ...fieldsOf(packet, maxPayloadBytes) } })
}

/** What the SDK's `Packet` has beside `cmd`; what is undefined does not get into the text. */
function fieldsOf(packet: Packet, maxPayloadBytes: number): Fields {
  switch (packet.cmd) {
    case 'connect':
      return {
        clientId: packet.clientId,
        protocolVersion: packet.protocolVersion,
        cleanStart: packet.clean,
        keepAliveSec: packet.keepalive,
        username: packet.username,
        will: packet.will && { topic: packet.will.topic, qos: packet.will.qos, retain: packet.will.retain },
      }
    case 'connack':
      return { sessionPresent: packet.sessionPresent, reasonCode: packet.reasonCode ?? packet.returnCode }
    case 'publish':
      return publishFields(packet, maxPayloadBytes)
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return { packetId: packet.messageId, reasonCode: packet.reasonCode ?? 0 }
    case 'subscribe':
      return { packetId: packet.messageId, filters: packet.subscriptions.map(filterFields) }
    case 'suback':
      return { packetId: packet.messageId, reasonCodes: packet.granted }
    case 'unsubscribe':
      return { packetId: packet.messageId, filters: packet.unsubscriptions }
    case 'unsuback':
      // before MQTT 5 it has no codes
      return { packetId: packet.messageId, reasonCodes: packet.granted ?? [] }
    case 'pingreq':
    case 'pingresp':
      return {}
    case 'disconnect':
    case 'auth':
      return { reasonCode: packet.reasonCode ?? 0 }
  }
}

function publishFields(packet: IPublishPacket, maxPayloadBytes: number): Fields {
  const fits = packet.payload.length <= maxPayloadBytes
  return {
    topic: packet.topic,
    qos: packet.qos,
    retain: packet.retain,
    dup: packet.dup,
    packetId: packet.qos === 0 ? undefined : packet.messageId,
    properties: packet.properties && propertyFields(packet.properties),
    payload64: fits ? Buffer.from(packet.payload).toString('base64') : undefined,
    payloadOmitted: fits || maxPayloadBytes < 0 ? undefined : true,
  }
}

function propertyFields(properties: NonNullable<IPublishPacket['properties']>): Fields | undefined {
  const { payloadFormatIndicator, correlationData, userProperties } = properties
  const fields = {
    payloadFormat: payloadFormatIndicator === undefined ? undefined : Number(payloadFormatIndicator),
    contentType: properties.contentType,
    responseTopic: properties.responseTopic,
    correlationData64: correlationData?.toString('base64'),
    // the library groups what comes twice under its name
    userProperties:
      userProperties &&
      Object.entries(userProperties).flatMap(([name, value]) => [value].flat().map((each) => [name, each])),
  }
  return Object.values(fields).some((value) => value !== undefined) ? fields : undefined
}

const SHARED = /^\$share\/([^/]+)\/(.*)$/s

function filterFields({ topic, qos, nl, rap, rh }: ISubscription): Fields {
  const [, share, filter] = SHARED.exec(topic) ?? []
  return {
    filter: filter ?? topic,
    share,
    qos,
    noLocal: nl ?? false,
    retainAsPublished: rap ?? false,
    retainHandling: rh ?? 0,
  }
}
