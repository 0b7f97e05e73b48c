import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import {
  createMessage,
  detach,
  type Message,
  messageOf,
  payloadOf,
  propertiesOf,
} from '../../../src/codec/message.ts'
import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'
import { PublishView, walkPublish } from '../../../src/codec/publish-view.ts'
import { frameOf, hex } from './framed.ts'

const NOW = 1_000_000

function received(frame: Buffer, version: ProtocolVersion, topic = 't'): Message {
  const view = new PublishView()
  const { buffer, firstByte, start, body, end } = frameOf(frame)
  assert.equal(walkPublish(view, buffer, firstByte, start, body, end, version), 0)
  return messageOf(view, topic, NOW)
}

/** What every subscriber hears of a message. */
function contents(message: Message): unknown {
  const { topic, qos, retain, expiresAt, publisher, origin } = message
  const topicBytes = message.topicBuffer.toString('utf8', message.topicStart, message.topicEnd)
  const payload = payloadOf(message).toString()
  return {
    topic,
    topicBytes,
    payload,
    properties: propertiesOf(message),
    qos,
    retain,
    expiresAt,
    publisher,
    origin,
  }
}

const WITH_ALIAS = hex("33 19 0001 't' 0007 11 23 0002 26 0001 'n' 0001 'v' 02 00000009 01 01 'hi'")

test('a received message views its chunk and copies nothing', () => {
  const frame = hex("30 05 0001 't' 'hi'")
  const message = received(frame, 4)
  assert.equal(message.topicBuffer, message.payloadBuffer)
  assert.equal(message.compact, false)
  assert.equal(payloadOf(message).buffer, message.payloadBuffer.buffer)
  assert.equal(payloadOf(message).toString(), 'hi')
})

for (const [what, written, version, reusable] of [
  ['QoS 0', "30 05 0001 't' 'hi'", 4, 4],
  ['QoS 0 of MQTT 3.1', "30 05 0001 't' 'hi'", 3, 3],
  ['QoS 0 with forwardable properties', "30 08 0001 't' 02 01 01 'hi'", 5, 5],
  ['QoS 1', "32 07 0001 't' 0001 'hi'", 4, 0],
  ['the retain flag', "31 05 0001 't' 'hi'", 4, 0],
  ['a topic alias', "30 09 0001 't' 03 23 0001 'hi'", 5, 0],
  ['a message expiry interval', "30 0b 0001 't' 05 02 00000001 'hi'", 5, 0],
] as const) {
  test(`the frame of a PUBLISH with ${what} is reusable for version ${reusable} (0: none)`, () => {
    const frame = hex(written)
    const message = received(frame, version)
    assert.equal(message.frameVersion, reusable)
    const reused = message.payloadBuffer.subarray(message.frameStart, message.frameEnd)
    assert.deepEqual(reused, reusable === 0 ? Buffer.alloc(0) : frame)
  })
}

test('topic alias and expiry stay with the publisher, all other properties go on [MQTT-3.3.2-7]', () => {
  const message = received(WITH_ALIAS, 5)
  assert.deepEqual(propertiesOf(message), { payloadFormat: 1, userProperties: [['n', 'v']] })
  assert.equal(message.expiresAt, NOW + 9000)
  assert.equal(message.propertyEnd - message.propertyStart, 9)
})

test('a message that has nothing but an alias has no properties', () => {
  const message = received(hex('30 06 0000 03 23 0001'), 5, 'known')
  assert.equal(propertiesOf(message), undefined)
  assert.equal(message.topicBuffer.toString('utf8', message.topicStart, message.topicEnd), 'known')
})

test('an expiry interval of 0 expires at once, and none never', () => {
  assert.equal(received(hex("30 09 0001 't' 05 02 00000000"), 5).expiresAt, NOW)
  assert.equal(received(hex("30 04 0001 't' 00"), 5).expiresAt, 0)
})

test('a detached message says the same and pins nothing else', () => {
  const message = received(WITH_ALIAS, 5)
  message.publisher = { clientId: 'me', json: '{}' }
  message.origin = {}
  message.hops = 2
  message.plugin = 'gate'
  const detached = detach(message)
  assert.deepEqual(contents(detached), contents(message))
  assert.equal(detached.origin, message.origin)
  assert.deepEqual([detached.hops, detached.plugin], [2, 'gate'])
  const pinned = new Set([detached.topicBuffer, detached.payloadBuffer, detached.propertyBuffer])
  assert.equal(pinned.size, 1)
  assert.equal(detached.payloadBuffer.buffer.byteLength, 1 + 9 + 2)
})

test('a detached message does not change with the chunk', () => {
  const message = received(WITH_ALIAS, 5)
  const detached = detach(message)
  const before = contents(detached)
  message.payloadBuffer.fill(0)
  message.propertyBuffer?.fill(0)
  assert.deepEqual(contents(detached), before)
})

test('a message without properties is detached without properties', () => {
  const detached = detach(received(hex("30 05 0001 't' 'hi'"), 4))
  assert.equal(detached.propertyBuffer, null)
  assert.equal(detached.frameVersion, 0)
})

test('a compact message is detached already', () => {
  const detached = detach(received(WITH_ALIAS, 5))
  assert.equal(detach(detached), detached)
})

test('a created message has what it was given, and its own copy of it', () => {
  const payload = Buffer.from('hi')
  const properties = { contentType: 'text/plain' }
  const message = createMessage({ topic: 'é', payload, qos: 1, retain: true, properties, expiresAt: 5 })
  payload.fill(0)
  assert.deepEqual(contents(message), {
    topic: 'é',
    topicBytes: 'é',
    payload: 'hi',
    properties,
    qos: 1,
    retain: true,
    expiresAt: 5,
    publisher: null,
    origin: null,
  })
  assert.equal(detach(message), message)
})

test('a message without a topic name is our bug [MQTT-4.7.3-1]', () => {
  const init = { payload: Buffer.alloc(0), qos: 0, retain: false } as const
  assert.throws(() => createMessage({ ...init, topic: '' }), /broken invariant/)
  assert.throws(() => createMessage({ ...init, topic: 'x'.repeat(65_536) }), /broken invariant/)
})
