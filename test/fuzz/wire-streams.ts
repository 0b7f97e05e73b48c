import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import { anyText } from '../support/any-text.ts'
import { connectPacket } from '../support/raw-client.ts'

export type Version = 3 | 4 | 5

const text = anyText({ maxLength: 12 })
const topic = fc.constantFrom('a', 'a/b', '+', '#', '$share/g/a', '$SYS/x', 'a/#/b', '', '/'.repeat(250))
const id = fc.constantFrom(1, 2, 65_535)
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const code = fc.constantFrom(0, 0x10, 0x80, 0x92, 0xff)

export const version: fc.Arbitrary<Version> = fc.constantFrom(3, 4, 5)

/** Packets of every kind, as a library would write them: most are valid in themselves, few fit the moment. */
export const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    cmd: fc.constant('publish' as const),
    topic: fc.constantFrom('a', 'a/b', '$share/g/a', '/'.repeat(250)),
    payload: text,
    qos,
    dup: fc.boolean(),
    retain: fc.boolean(),
    messageId: id,
    properties: fc.record(
      { topicAlias: fc.nat(40), messageExpiryInterval: fc.nat(2), contentType: text, responseTopic: topic },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    cmd: fc.constant('subscribe' as const),
    messageId: id,
    subscriptions: fc.array(fc.record({ topic, qos, nl: fc.boolean(), rap: fc.boolean(), rh: fc.nat(2) }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.record({
    cmd: fc.constant('unsubscribe' as const),
    messageId: id,
    unsubscriptions: fc.array(topic, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    cmd: fc.constantFrom('puback' as const, 'pubrec' as const, 'pubrel' as const, 'pubcomp' as const),
    messageId: id,
    reasonCode: code,
  }),
  fc.record({ cmd: fc.constantFrom('disconnect' as const, 'auth' as const), reasonCode: code }),
  fc.constant<Packet>({ cmd: 'pingreq' }),
  version.map((each) => connectPacket(each)),
)

/** The packet's bytes; none where the library refuses to write it. */
export function written(each: Packet, protocolVersion: Version): Buffer {
  try {
    return generate(each, { protocolVersion })
  } catch {
    return Buffer.alloc(0)
  }
}

/** Properties as bytes: right for some packets, wrong for others, unknown, cut off, out of their bounds. */
const PROPERTIES = `
  0101 0102 0200000064 02ffffffff 03000161 080001 08000161 09000161 0b01 0b00 0bffffffff7f 1100000000
  12000161 130001 15000161 16000161 1700 1902 1a000161 1c000161 1f000161 210000 210001 22ffff 230000 230001
  230003 2402 2501 26000161000162 260001610002c328 26000000 2700000000 2700000040 2801 7f 00 80`
  .trim()
  .split(/\s+/)
  .map((bytes) => Buffer.from(bytes, 'hex'))

/** One thing that is done to a conversation, to one of its packets. */
interface Change {
  readonly how: 'flip' | 'length' | 'cut' | 'splice' | 'double' | 'swap' | 'drop' | 'property' | 'properties'
  readonly which: number
  readonly at: number
  readonly value: number
}

const change: fc.Arbitrary<Change> = fc.record({
  how: fc.constantFrom(
    ...(['flip', 'length', 'cut', 'splice', 'double', 'swap', 'drop'] as const),
    ...(['property', 'property', 'properties'] as const),
  ),
  which: fc.nat(12),
  at: fc.nat(400),
  value: fc.nat(255),
})

/** What is to be done to a conversation. */
export const changes: fc.Arbitrary<readonly Change[]> = fc.array(change, { minLength: 1, maxLength: 4 })

/** The packets after all that is done to them. */
export function changed(packets: readonly Buffer[], all: readonly Change[]): Buffer {
  const result = packets.filter(({ length }) => length > 0)
  for (const each of all) if (result.length > 0) apply(result, each)
  return Buffer.concat(result)
}

function apply(packets: Buffer[], { how, which, at, value }: Change): void {
  const place = which % packets.length
  const one = Buffer.from(packets[place] ?? '')
  const other = packets[(which + at) % packets.length] ?? one
  const cut = at % one.length
  switch (how) {
    case 'flip':
      one[cut] = (one[cut] ?? 0) ^ (1 << (value & 7))
      break
    case 'length':
      one[1] = value
      break
    case 'swap':
      packets[packets.indexOf(other)] = one
      packets[place] = other
      return
    case 'drop':
      packets.splice(place, 1)
      return
    case 'double':
      packets.splice(place, 0, one)
      return
    case 'cut':
      packets[place] = one.subarray(0, cut)
      if (cut === 0) packets.splice(place, 1)
      return
    case 'splice':
      packets[place] = Buffer.concat([one.subarray(0, cut), other.subarray(value % other.length)])
      return
    case 'property':
      packets[place] = withProperty(one, PROPERTIES[value % PROPERTIES.length] ?? one)
      return
    case 'properties':
      packets[place] = withProperty(one, null)
      return
  }
  packets[place] = one
}

const TYPE = { connect: 1, publish: 3, puback: 4, pubcomp: 7, subscribe: 8, unsubscribe: 10, disconnect: 14 }

/** Where the properties of a packet's body begin, in MQTT 5; -1: it has none. */
function propertiesAt(firstByte: number, body: Buffer): number {
  const type = firstByte >> 4
  if (type === TYPE.connect) return 10
  if (type === TYPE.publish && body.length > 2) return 2 + body.readUInt16BE(0) + (firstByte & 0b110 ? 2 : 0)
  if (type >= TYPE.puback && type <= TYPE.pubcomp) return 3
  if (type === TYPE.subscribe || type === TYPE.unsubscribe) return 2
  return type >= TYPE.disconnect ? 1 : -1
}

/** The packet with one property more, or with all of its properties twice, and its lengths mended. */
function withProperty(bytes: Buffer, property: Buffer | null): Buffer {
  // longer ones stay as they are: all lengths here have one byte
  const [firstByte = 0, length = 0] = bytes
  if (length > 100 || length !== bytes.length - 2) return bytes
  const body = bytes.subarray(2)
  const at = propertiesAt(firstByte, body)
  if (at < 0 || at > body.length) return bytes
  const end = at + 1 + (body[at] ?? 0)
  if (end > body.length + 1) return bytes
  const had = body.subarray(at + 1, end)
  const has = Buffer.concat([had, (property ?? had).subarray(0, 20)])
  const whole = Buffer.concat([body.subarray(0, at), Buffer.from([has.length]), has, body.subarray(end)])
  return whole.length > 127 ? bytes : Buffer.concat([Buffer.from([firstByte, whole.length]), whole])
}
