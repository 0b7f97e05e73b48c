import { Buffer } from 'node:buffer'
import { type Packet, parser } from 'mqtt-packet'
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
 * out. The bytes have been judged, or made, by this room before, so the library only has to read them.
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

/** Fields of the parser's that say nothing, or too much. */
const LEFT_OUT = new Set(['password', 'payload', 'length'])

function packetText(packet: Packet, withPayload: boolean): string {
  const fields: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(packet)) {
    if (!LEFT_OUT.has(key) && value !== null)
      fields[key] = key === 'will' ? willFields(value, withPayload) : plain(value)
  }
  if (withPayload && packet.cmd === 'publish')
    fields['payload64'] = Buffer.from(packet.payload).toString('base64')
  return JSON.stringify({ packet: fields })
}

function willFields(value: unknown, withPayload: boolean): unknown {
  const { payload, ...rest } = value as { payload?: Buffer }
  const fields = plain(rest) as Record<string, unknown>
  return withPayload && payload !== undefined ? { ...fields, payload64: payload.toString('base64') } : fields
}

/** Bytes within properties become base64, and null-prototype records become plain ones. */
function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
