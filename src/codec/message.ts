import { Buffer } from 'node:buffer'
import { assert } from '../base/assert.ts'
import {
  decodeMessageProperties,
  encodeMessageProperties,
  type MessageProperties,
} from './message-properties.ts'
import type { ProtocolVersion, QoS } from './packet-type.ts'
import { Carrier, Property } from './property.ts'
import { PropertyCursor } from './property-cursor.ts'
import type { PublishView } from './publish-view.ts'

export type { MessageProperties } from './message-properties.ts'

/** The client that published a message, as far as the message goes on to say who that was. */
export interface Publisher {
  readonly clientId: string
  /** As plugins see it: JSON text. */
  readonly json: string
  /** Who answers for what the message makes plugins do, where there are any. */
  readonly subject?: { readonly source: string } | null
}

/**
 * An application message as it travels inside the broker. Nobody writes to it once it is made. Its bytes are
 * views: of the chunk it came in, or, once it is {@link detach}ed, of memory of its own.
 */
export class Message {
  topic = ''
  topicBuffer: Buffer = EMPTY
  topicStart = 0
  topicEnd = 0
  payloadBuffer: Buffer = EMPTY
  payloadStart = 0
  payloadEnd = 0
  qos: QoS = 0
  retain = false

  /** The property bytes that every subscriber gets: no topic alias, expiry or subscription identifier. */
  propertyBuffer: Buffer | null = null
  propertyStart = 0
  propertyEnd = 0

  /** When it expires, in milliseconds of the epoch; 0: never. */
  expiresAt = 0

  /**
   * If not 0, `payloadBuffer[frameStart..frameEnd)` is a whole PUBLISH frame of that protocol version that a
   * subscriber may get as it is: QoS 0, not retained, without topic alias and message expiry.
   */
  frameVersion: ProtocolVersion | 0 = 0
  frameStart = 0
  frameEnd = 0

  /** Who published it; null if that is no client. */
  publisher: Publisher | null = null
  /** Whose own message this is, for No Local; compared, never looked into. */
  origin: object | null = null
  /** How many plugins' publishes led to it, its own included; 0: no plugin's. */
  hops = 0
  /** The plugin that published it, by its name in the tenant; '': none. */
  plugin = ''

  /** Whether its bytes are its own, and pin nothing else. */
  compact = false
}

const EMPTY = Buffer.alloc(0)
const cursor = new PropertyCursor()

/**
 * The message of a PUBLISH packet, viewing the packet's chunk.
 *
 * @param topic its topic name, which the caller has interned or found by the topic alias
 * @param now milliseconds of the epoch
 */
export function messageOf(view: PublishView, topic: string, now: number): Message {
  const message = new Message()
  const { buffer } = view
  message.topic = topic
  if (view.topicEnd > view.topicStart) {
    message.topicBuffer = buffer
    message.topicStart = view.topicStart
    message.topicEnd = view.topicEnd
  } else {
    message.topicBuffer = Buffer.from(topic)
    message.topicEnd = message.topicBuffer.length
  }
  message.payloadBuffer = buffer
  message.payloadStart = view.payloadStart
  message.payloadEnd = view.payloadEnd
  message.qos = view.qos
  message.retain = view.retain
  if (view.messageExpirySec >= 0) message.expiresAt = now + view.messageExpirySec * 1000
  if (view.forwardable) {
    if (view.propertiesEnd > view.propertiesStart) {
      message.propertyBuffer = buffer
      message.propertyStart = view.propertiesStart
      message.propertyEnd = view.propertiesEnd
    }
    // dup is 0 with QoS 0 [MQTT-3.3.1-2]
    if (view.qos === 0 && !view.retain) {
      message.frameVersion = view.version
      message.frameStart = view.start
      message.frameEnd = view.end
    }
  } else {
    rebuildProperties(message, view)
  }
  return message
}

/** Copies the properties but for those that were meant for this broker alone. */
function rebuildProperties(message: Message, view: PublishView): void {
  const rebuilt = Buffer.allocUnsafe(view.propertiesEnd - view.propertiesStart)
  let length = 0
  cursor.openContent(view.buffer, view.propertiesStart, view.propertiesEnd, Carrier.PUBLISH)
  while (cursor.next()) {
    const { property } = cursor
    if (property === Property.topicAlias || property === Property.messageExpiryInterval) continue
    length += view.buffer.copy(rebuilt, length, cursor.propertyStart, cursor.valueEnd)
  }
  if (length === 0) return
  message.propertyBuffer = rebuilt
  message.propertyEnd = length
}

/** What {@link createMessage} makes a message of. */
export interface MessageInit {
  /** A valid topic name; whoever makes messages has judged it. */
  readonly topic: string
  readonly payload: Buffer
  readonly qos: QoS
  readonly retain: boolean
  readonly properties?: MessageProperties | undefined
  /** Milliseconds of the epoch; 0 or absent: never. */
  readonly expiresAt?: number
  readonly publisher?: Publisher | null
  readonly origin?: object | null
  readonly hops?: number
  readonly plugin?: string
}

/** A message that comes from no PUBLISH packet: a will, a plugin's, the broker's own. Copies the payload. */
export function createMessage(init: MessageInit): Message {
  const topic = Buffer.from(init.topic)
  assert(topic.length > 0 && topic.length <= 0xffff, 'a topic name has 1 to 65,535 bytes')
  const message = new Message()
  message.topic = init.topic
  message.topicBuffer = topic
  message.topicEnd = topic.length
  message.payloadBuffer = init.payload
  message.payloadEnd = init.payload.length
  message.qos = init.qos
  message.retain = init.retain
  message.propertyBuffer = init.properties === undefined ? null : encodeMessageProperties(init.properties)
  message.propertyEnd = message.propertyBuffer?.length ?? 0
  message.expiresAt = init.expiresAt ?? 0
  message.publisher = init.publisher ?? null
  message.origin = init.origin ?? null
  message.hops = init.hops ?? 0
  message.plugin = init.plugin ?? ''
  return detach(message)
}

/**
 * The same message in memory of its own, for what outlives the packet: a retained or queued message of 20
 * bytes must not keep a chunk of 64 KiB alive. Returns `message` itself if it is compact already.
 */
export function detach(message: Message): Message {
  if (message.compact) return message
  const topicSize = message.topicEnd - message.topicStart
  const propertySize = message.propertyEnd - message.propertyStart
  // not from Node's pool: that would pin the pool's slab in place of the chunk
  const bytes = Buffer.allocUnsafeSlow(topicSize + propertySize + payloadSize(message))
  const compact = new Message()
  compact.topic = message.topic
  compact.topicBuffer = bytes
  compact.topicEnd = message.topicBuffer.copy(bytes, 0, message.topicStart, message.topicEnd)
  if (message.propertyBuffer !== null) {
    compact.propertyBuffer = bytes
    compact.propertyStart = topicSize
    compact.propertyEnd = topicSize + propertySize
    message.propertyBuffer.copy(bytes, topicSize, message.propertyStart, message.propertyEnd)
  }
  compact.payloadBuffer = bytes
  compact.payloadStart = topicSize + propertySize
  compact.payloadEnd = bytes.length
  message.payloadBuffer.copy(bytes, compact.payloadStart, message.payloadStart, message.payloadEnd)
  compact.qos = message.qos
  compact.retain = message.retain
  compact.expiresAt = message.expiresAt
  compact.publisher = message.publisher
  compact.origin = message.origin
  compact.hops = message.hops
  compact.plugin = message.plugin
  compact.compact = true
  return compact
}

/** In bytes. */
export function payloadSize({ payloadStart, payloadEnd }: Message): number {
  return payloadEnd - payloadStart
}

/** All of a message that {@link detach} copies, in bytes: user properties can be as big as a payload. */
export function sizeOf(message: Message): number {
  return (
    payloadSize(message) + message.topicEnd - message.topicStart + message.propertyEnd - message.propertyStart
  )
}

/** The payload, a view that nobody may write to. */
export function payloadOf(message: Message): Buffer {
  return message.payloadBuffer.subarray(message.payloadStart, message.payloadEnd)
}

/** The properties, decoded; `undefined` when there are none. */
export function propertiesOf(message: Message): MessageProperties | undefined {
  if (message.propertyBuffer === null) return undefined
  return decodeMessageProperties(message.propertyBuffer, message.propertyStart, message.propertyEnd)
}
