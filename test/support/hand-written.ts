import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import { RawClient } from './raw-client.ts'

/** The protocol levels before MQTT 5.0, and whose they are. */
export const LEVELS = [
  { level: 4, name: 'MQTT 3.1.1' },
  { level: 3, name: 'MQTT 3.1' },
] as const

/** One and the same rule of both. */
export function onEachLevel(title: string, run: (level: 3 | 4) => Promise<void>): void {
  for (const { level, name } of LEVELS) test(`${title} (${name})`, { timeout: 30_000 }, () => run(level))
}

/** First bytes of packets. */
export const First = {
  connect: 0x10,
  publish: 0x30,
  puback: 0x40,
  pubrec: 0x50,
  pubrel: 0x62,
  pubcomp: 0x70,
  subscribe: 0x82,
  unsubscribe: 0xa2,
  pingreq: 0xc0,
  disconnect: 0xe0,
} as const

/** The flag of what is sent again. */
export const DUP = 0b1000

/** What MQTT 3.1 sends again with {@link DUP}, beside PUBLISH. */
const REPEATED_BY_3_1: ReadonlySet<number> = new Set([First.pubrel, First.subscribe, First.unsubscribe])

/** The first bytes with which no packet of this type, which is no PUBLISH, may begin. */
export function wrongFirstBytes(level: 3 | 4, right: number): number[] {
  const mayRepeat = level === 3 && REPEATED_BY_3_1.has(right)
  const others = Array.from({ length: 16 }, (_, flags) => (right & 0xf0) | flags)
  return others.filter((other) => other !== right && !(mayRepeat && other === (right | DUP)))
}

/** A packet of any bytes, as no library would write it; its length is right. */
export function packet(firstByte: number, ...fields: readonly Buffer[]): Buffer {
  const body = Buffer.concat(fields)
  const size: number[] = []
  let rest = body.length
  do {
    const more = rest > 0x7f ? 0x80 : 0
    size.push((rest & 0x7f) | more)
    rest >>= 7
  } while (rest > 0)
  return Buffer.concat([Buffer.of(firstByte, ...size), body])
}

/** A field behind its length in two bytes. */
export function text(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([uint16(bytes.length), bytes])
}

export function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff)
}

export function byte(value: number): Buffer {
  return Buffer.of(value)
}

export interface HandWrittenConnect {
  readonly protocol?: string | Buffer
  readonly level: number
  /** Clean session, unless said otherwise. */
  readonly flags?: number
  readonly keepAliveSec?: number
  /** What follows the keep alive; a client identifier, unless said otherwise. */
  readonly payload?: readonly Buffer[]
}

export function handWrittenConnect(of: HandWrittenConnect): Buffer {
  const { level, flags = 0b10, keepAliveSec = 0, payload = [text('by-hand')] } = of
  const { protocol = level === 3 ? 'MQIsdp' : 'MQTT' } = of
  return packet(First.connect, text(protocol), byte(level), byte(flags), uint16(keepAliveSec), ...payload)
}

/** Sends these bytes on a new connection, which the broker is to close without a word. */
export async function closedInSilence(port: number, level: 3 | 4, bytes: Buffer): Promise<void> {
  const client = await RawClient.open(port, level)
  client.write(bytes)
  assert.deepEqual(await client.end(), [], bytes.toString('hex'))
}

/** Sends these bytes behind a CONNECT that was accepted: the broker is to close without a word. */
export async function closedOnceConnected(port: number, level: 3 | 4, bytes: Buffer): Promise<void> {
  const client = await RawClient.connect(port, level)
  client.write(bytes)
  assert.deepEqual(await client.end(), [], bytes.toString('hex'))
}

/** The payloads of the next messages of QoS 0. */
export async function payloadsOf(client: RawClient, count: number): Promise<readonly string[]> {
  const payloads: string[] = []
  while (payloads.length < count) payloads.push(String((await client.expect('publish')).payload))
  return payloads
}
