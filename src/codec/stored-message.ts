import { Buffer } from 'node:buffer'
import { Message, payloadOf } from './message.ts'
import type { QoS } from './packet-type.ts'

/** Of a stored message's form: what writes another one has another number. */
const FORM = 1
const HEAD_BYTES = 10

/**
 * A message as bytes, for a store: what another process makes a message of again. Who published it is text
 * that plugins see, and nothing more: neither No Local nor strikes outlive the process.
 */
export function encodeStored(message: Message): Buffer {
  const topic = message.topicBuffer.subarray(message.topicStart, message.topicEnd)
  const properties = message.propertyBuffer?.subarray(message.propertyStart, message.propertyEnd) ?? NOTHING
  const { clientId = '', json = '' } = message.publisher ?? {}
  const { hops, plugin } = message
  const isPlain = message.publisher === null && hops === 0 && plugin === ''
  const origin = isPlain ? NOTHING : Buffer.from(JSON.stringify({ clientId, json, hops, plugin }))
  const payload = payloadOf(message)
  const parts = [topic, properties, origin]
  const size = parts.reduce((sum, part) => sum + 4 + part.length, HEAD_BYTES + payload.length)
  const bytes = Buffer.allocUnsafe(size)
  bytes[0] = FORM
  bytes[1] = message.qos | (message.retain ? RETAIN : 0)
  bytes.writeDoubleLE(message.expiresAt, 2)
  let at = 10
  for (const part of parts) {
    at = bytes.writeUInt32LE(part.length, at)
    at += part.copy(bytes, at)
  }
  payload.copy(bytes, at)
  return bytes.subarray(0, at + payload.length)
}

/**
 * The message that {@link encodeStored} wrote.
 *
 * @param stored the message keeps it: nobody else may write to it.
 * @throws Error if another version wrote it.
 */
export function decodeStored(stored: Uint8Array): Message {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.length)
  if (bytes[0] !== FORM) throw new Error(`a stored message has form ${bytes[0]}, and ${FORM} is known`)
  const message = new Message()
  const flags = bytes[1] ?? 0
  message.qos = (flags & QOS) as QoS
  message.retain = (flags & RETAIN) !== 0
  message.expiresAt = bytes.readDoubleLE(2)
  const [topicStart, topicEnd] = partAt(bytes, 10)
  const [propertyStart, propertyEnd] = partAt(bytes, topicEnd)
  const [originStart, originEnd] = partAt(bytes, propertyEnd)
  message.topic = bytes.toString('utf8', topicStart, topicEnd)
  message.topicBuffer = bytes
  message.topicStart = topicStart
  message.topicEnd = topicEnd
  if (propertyEnd > propertyStart) {
    message.propertyBuffer = bytes
    message.propertyStart = propertyStart
    message.propertyEnd = propertyEnd
  }
  if (originEnd > originStart) {
    const { publisher, hops, plugin } = originAt(bytes, originStart, originEnd)
    message.publisher = publisher
    message.hops = hops
    message.plugin = plugin
  }
  message.payloadBuffer = bytes
  message.payloadStart = originEnd
  message.payloadEnd = bytes.length
  message.compact = true
  return message
}

/** Where it comes from, if not from the broker itself, as it is written. */
interface OriginText {
  readonly clientId: string
  readonly json: string
  readonly hops: number
  readonly plugin: string
}

/** … and as messages have it; those of one publisher share it. */
interface Origin extends Pick<Message, 'publisher' | 'hops' | 'plugin'> {
  readonly bytes: Buffer
}

const NOTHING = Buffer.alloc(0)
const QOS = 0b011
const RETAIN = 0b100

/** Where a part begins and ends, whose length is written at `at`. */
function partAt(bytes: Buffer, at: number): readonly [start: number, end: number] {
  const start = at + 4
  return [start, start + bytes.readUInt32LE(at)]
}

let lastOrigin: Origin | null = null

/** What lies one behind the other often comes from one publisher. */
function originAt(bytes: Buffer, start: number, end: number): Origin {
  if (lastOrigin?.bytes.compare(bytes, start, end) === 0) return lastOrigin
  const { clientId, json, hops, plugin } = JSON.parse(bytes.toString('utf8', start, end)) as OriginText
  const publisher = clientId === '' && json === '' ? null : { clientId, json, subject: null }
  // a copy: a view would keep all the bytes that it lies in
  lastOrigin = { bytes: Buffer.from(bytes.subarray(start, end)), publisher, hops, plugin }
  return lastOrigin
}
