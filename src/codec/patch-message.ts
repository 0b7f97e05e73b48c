import { Buffer, isUtf8 } from 'node:buffer'
import { Message, payloadOf, propertiesOf } from './message.ts'
import { encodeMessageProperties, type MessageProperties } from './message-properties.ts'
import type { QoS } from './packet-type.ts'

/** Properties as plugins write them: the expiry among them, bytes as base64. */
export type WrittenProperties = Omit<MessageProperties, 'correlationData'> & {
  readonly messageExpirySec?: number
  readonly correlationData64?: string
}

/** What is to become of a message; what is not named stays as it is. All of it has been judged. */
export interface MessagePatch {
  readonly topic?: string
  readonly payload?: Buffer
  readonly qos?: QoS
  readonly retain?: boolean
  readonly properties?: WrittenProperties
}

/**
 * A message of its own that differs from `message` in what `patch` names. It shares the bytes that stay; who
 * published it, and by way of whom, is kept.
 *
 * @param now milliseconds of the epoch: a new expiry counts from it.
 */
export function patchMessage(message: Message, patch: MessagePatch, now: number): Message {
  const patched = new Message()
  setTopic(patched, message, patch.topic)
  setPayload(patched, message, patch.payload)
  setProperties(patched, message, patch, now)
  patched.qos = patch.qos ?? message.qos
  patched.retain = patch.retain ?? message.retain
  patched.publisher = message.publisher
  patched.origin = message.origin
  patched.hops = message.hops
  patched.plugin = message.plugin
  return patched
}

/** A message that nobody has seen yet is lowered to what was allowed of it. */
export function lowerMessage(message: Message, maxQos: QoS | undefined, mayRetain: boolean): void {
  if (maxQos !== undefined && maxQos < message.qos) message.qos = maxQos
  if (!mayRetain) message.retain = false
}

/** Whether who decides about messages could tell one from the other; when they expire is not told. */
export function isSameMessage(one: Message, other: Message, withPayload: boolean): boolean {
  if (one === other) return true
  if (one.topic !== other.topic || one.qos !== other.qos || one.retain !== other.retain) return false
  return (
    propertyBytes(one).equals(propertyBytes(other)) &&
    (!withPayload || payloadOf(one).equals(payloadOf(other)))
  )
}

/** Whether who receives one could tell it from the other: by topic, payload or properties. */
export function hasSameContent(one: Message, other: Message): boolean {
  if (one === other) return true
  const isAlike = one.topic === other.topic && propertyBytes(one).equals(propertyBytes(other))
  return isAlike && payloadOf(one).equals(payloadOf(other))
}

function setTopic(
  patched: Message,
  { topic, topicBuffer, topicStart, topicEnd }: Message,
  to?: string,
): void {
  if (to === undefined || to === topic) {
    patched.topic = topic
    patched.topicBuffer = topicBuffer
    patched.topicStart = topicStart
    patched.topicEnd = topicEnd
  } else {
    patched.topic = to
    patched.topicBuffer = Buffer.from(to)
    patched.topicEnd = patched.topicBuffer.length
  }
}

function setPayload(patched: Message, message: Message, to: Buffer | undefined): void {
  if (to === undefined) {
    patched.payloadBuffer = message.payloadBuffer
    patched.payloadStart = message.payloadStart
    patched.payloadEnd = message.payloadEnd
  } else {
    patched.payloadBuffer = to
    patched.payloadEnd = to.length
  }
}

/** Called last: whether a payload is the text that it is said to be shows when it is there. */
function setProperties(patched: Message, message: Message, patch: MessagePatch, now: number): void {
  const { messageExpirySec, correlationData64, ...named } = patch.properties ?? {}
  patched.expiresAt = messageExpirySec === undefined ? message.expiresAt : now + messageExpirySec * 1000
  patched.propertyBuffer = message.propertyBuffer
  patched.propertyStart = message.propertyStart
  patched.propertyEnd = message.propertyEnd
  if (patch.properties === undefined && patch.payload === undefined) return
  const correlationData =
    correlationData64 === undefined ? {} : { correlationData: Buffer.from(correlationData64, 'base64') }
  const { payloadFormat, ...rest } = { ...propertiesOf(message), ...named, ...correlationData }
  const isHonest = payloadFormat !== 1 || isUtf8(payloadOf(patched)) // [MQTT 5.0, 3.3.2.3.2]
  if (patch.properties === undefined && isHonest) return
  const properties = payloadFormat !== undefined && isHonest ? { payloadFormat, ...rest } : rest
  patched.propertyBuffer = encodeMessageProperties(properties)
  patched.propertyStart = 0
  patched.propertyEnd = patched.propertyBuffer?.length ?? 0
}

function propertyBytes({ propertyBuffer, propertyStart, propertyEnd }: Message): Buffer {
  return propertyBuffer?.subarray(propertyStart, propertyEnd) ?? NO_BYTES
}

const NO_BYTES = Buffer.alloc(0)
