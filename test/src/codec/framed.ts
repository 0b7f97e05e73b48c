import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { generate, type Packet, parser, type UserProperties } from 'mqtt-packet'
import { Framer, FrameStatus } from '../../../src/codec/framer.ts'
import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'

/** The smallest CONNECT of MQTT 3.1.1: what must come before any other frame. */
export const CONNECT: Buffer = Buffer.from('100c00044d515454040200000000', 'hex')

/** A framer that has read a CONNECT and holds `bytes`, which lie behind it in the same chunk. */
export function connectedFramer(bytes: Buffer, maximumPacketSize = 1 << 20): Framer {
  const framer = new Framer(maximumPacketSize)
  framer.push(Buffer.concat([CONNECT, bytes]))
  assert.equal(framer.next(), FrameStatus.frame)
  return framer
}

/** The one frame that `bytes` are. */
export function frameOf(bytes: Buffer): Framer {
  const framer = bytes[0] === 0x10 ? new Framer(1 << 20) : connectedFramer(bytes)
  if (bytes[0] === 0x10) framer.push(bytes)
  assert.equal(framer.next(), FrameStatus.frame)
  assert.equal(framer.buffered, 0)
  return framer
}

/** Bytes written in hex, with spaces and `'text'` for people: `30 05 0001 't' 'hi'`. */
export function hex(written: string): Buffer {
  const parts = written.match(/'[^']*'|[0-9a-f]+/g) ?? []
  return Buffer.concat(
    parts.map((part) => (part.startsWith("'") ? Buffer.from(part.slice(1, -1)) : Buffer.from(part, 'hex'))),
  )
}

/** What the foreign library makes of a packet. */
export function foreignBytes(packet: Packet, version: ProtocolVersion): Buffer {
  return generate(packet, { protocolVersion: version })
}

/** How the foreign library reads a packet; the error, when it refuses it. */
function foreignPacket(bytes: Buffer, version: ProtocolVersion): Packet | Error {
  const reading = parser({ protocolVersion: version })
  let result: Packet | Error = new Error('more bytes needed')
  reading.on('packet', (packet) => {
    result = packet
  })
  reading.on('error', (error: Error) => {
    result = error
  })
  reading.parse(bytes)
  return result
}

/** The same, when it has to accept the packet, and the packet has to be of this kind. */
export function foreignPacketOf<Cmd extends Packet['cmd']>(
  cmd: Cmd,
  bytes: Buffer,
  version: ProtocolVersion,
): Extract<Packet, { cmd: Cmd }> {
  const packet = foreignPacket(bytes, version)
  if (packet instanceof Error) throw packet
  assert.equal(packet.cmd, cmd)
  return packet as Extract<Packet, { cmd: Cmd }>
}

/**
 * User properties as the foreign library groups them: an object, where an empty value is lost if its name
 * follows.
 */
export function grouped(pairs: readonly (readonly [string, string])[]): UserProperties {
  const result = Object.create(null) as UserProperties
  for (const [name, value] of pairs) {
    const known = result[name]
    if (known === undefined || known === '') result[name] = value
    else result[name] = Array.isArray(known) ? [...known, value] : [known, value]
  }
  return result
}

/**
 * User properties in the form in which the foreign library keeps their order and those that come twice. An
 * empty list makes it write nothing at all.
 */
export function ordered(pairs: readonly (readonly [string, string])[]): { userProperties?: UserProperties } {
  if (pairs.length === 0) return {}
  return { userProperties: pairs.map(([name, value]) => ({ [name]: value })) as unknown as UserProperties }
}
