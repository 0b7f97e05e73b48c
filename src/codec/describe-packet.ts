import { Buffer } from 'node:buffer'
import { type IPublishPacket, type ISubscription, type Packet, parser } from 'mqtt-packet'
import type { ProtocolVersion } from './packet-type.ts'

/** A packet for those who only want to look at it. */
export interface DescribedPacket {
  /**
   * The event's JSON text: `{"packet":{"cmd":"publish",…}}`. Never the password; the payload only if asked
   * for.
   */
  text(withPayload: boolean): string
}

/**
 * Whole packets as plain data for `onMqttPacketReceived` and `onMqttPacketSent`: every header field written
 * out, under the SDK's names. The bytes have been judged, or made, by this room before, so the library only
 * has to read them.
 */
export function describePackets(bytes: Buffer, version: ProtocolVersion): readonly DescribedPacket[] {
  const described: DescribedPacket[] = []
  const reader = parser({ protocolVersion: version })
  reader.on('packet', (packet: Packet) =>
    described.push({ text: (withPayload) => packetText(packet, withPayload) }),
  )
  // what the library cannot read of our own writing is not worth a failure of delivery: nobody is told of it
  reader.on('error', () => described.splice(0))
  reader.parse(bytes)
  return described
}

type Fields = Readonly<Record<string, unknown>>

function packetText(packet: Packet, withPayload: boolean): string {
  return JSON.stringify({ packet: { cmd: packet.cmd, ...fieldsOf(packet, withPayload) } })
}

/** What the SDK's `Packet` has beside `cmd`; what is undefined does not get into the text. */
function fieldsOf(packet: Packet, withPayload: boolean): Fields {
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
      return publishFields(packet, withPayload)
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

function publishFields(packet: IPublishPacket, withPayload: boolean): Fields {
  return {
    topic: packet.topic,
    qos: packet.qos,
    retain: packet.retain,
    dup: packet.dup,
    packetId: packet.messageId,
    properties: packet.properties && propertyFields(packet.properties),
    payload64: withPayload ? Buffer.from(packet.payload).toString('base64') : undefined,
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
