import { Buffer } from 'node:buffer'
import { type IPublishPacket, type ISubscription, type Packet, parser } from 'mqtt-packet'
import { decodeMessageProperties, type MessageProperties } from './message-properties.ts'
import type { ProtocolVersion } from './packet-type.ts'
import { Carrier } from './property.ts'
import { PropertyCursor } from './property-cursor.ts'

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
    const properties =
      packet.cmd === 'publish' ? propertiesOf(bytes.subarray(start, end), version) : undefined
    yield { length: end - start, text: (maxPayloadBytes) => packetText(packet, maxPayloadBytes, properties) }
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
 * @param properties of a PUBLISH, as they stand in it. Default: as the library knows them, which groups user
 * properties by name.
 */
export function packetText(
  packet: Packet,
  maxPayloadBytes: number,
  properties: MessageProperties | undefined = packet.cmd === 'publish'
    ? grouped(packet.properties)
    : undefined,
): string {
  const { cmd } = packet
  const fields = cmd === 'publish' ? publishFields(packet, maxPayloadBytes, properties) : fieldsOf(packet)
  return JSON.stringify({ packet: { cmd, ...fields } })
}

/** What the SDK's `Packet` has beside `cmd`; what is undefined does not get into the text. */
function fieldsOf(packet: Exclude<Packet, IPublishPacket>): Fields {
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

function publishFields(
  packet: IPublishPacket,
  maxPayloadBytes: number,
  properties: MessageProperties | undefined,
): Fields {
  const fits = packet.payload.length <= maxPayloadBytes
  return {
    topic: packet.topic,
    qos: packet.qos,
    retain: packet.retain,
    dup: packet.dup,
    packetId: packet.qos === 0 ? undefined : packet.messageId,
    properties: properties && propertyFields(properties),
    payload64: fits ? Buffer.from(packet.payload).toString('base64') : undefined,
    payloadOmitted: fits || maxPayloadBytes < 0 ? undefined : true,
  }
}

function propertyFields(properties: MessageProperties): Fields | undefined {
  const { correlationData, ...rest } = properties
  const fields = { ...rest, correlationData64: correlationData?.toString('base64') }
  return Object.values(fields).some((value) => value !== undefined) ? fields : undefined
}

const cursor = new PropertyCursor()

/** What stands in a PUBLISH, user properties in their order; undefined: nothing of it. */
function propertiesOf(packet: Buffer, version: ProtocolVersion): MessageProperties | undefined {
  if (version !== 5) return undefined
  let at = 1
  while ((packet[at] ?? 0) >= 0x80) at += 1
  const topicAt = at + 1
  const hasPacketId = (packet.readUInt8(0) & 0b110) !== 0
  const propertiesAt = topicAt + 2 + packet.readUInt16BE(topicAt) + (hasPacketId ? 2 : 0)
  if (!cursor.open(packet, propertiesAt, packet.length, Carrier.PUBLISH)) return undefined
  return decodeMessageProperties(packet, cursor.start, cursor.end)
}

/** What the library knows of them: what comes twice stands where its name came first. */
function grouped(properties: IPublishPacket['properties']): MessageProperties | undefined {
  if (properties === undefined) return undefined
  const { payloadFormatIndicator, contentType, responseTopic, correlationData, userProperties } = properties
  const pairs = Object.entries(userProperties ?? {}).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, each] as const),
  )
  return {
    ...(payloadFormatIndicator !== undefined && { payloadFormat: payloadFormatIndicator ? 1 : 0 }),
    ...(contentType !== undefined && { contentType }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlationData !== undefined && { correlationData }),
    ...(userProperties !== undefined && { userProperties: pairs }),
  }
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
