import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteSink } from '../../../src/base/byte-sink.ts'
import { ENCODE_SLAB_BYTES } from '../../../src/base/limits.ts'
import {
  appendPublish,
  type EncodedPublish,
  encodedSize,
  encodePublish,
} from '../../../src/codec/encode-publish.ts'
import { createMessage, type Message, messageOf } from '../../../src/codec/message.ts'
import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'
import { PublishView, walkPublish } from '../../../src/codec/publish-view.ts'
import { bytes, messageProperties, packetId, qos, topicName, userProperties, version } from './arbitrary.ts'
import { foreignBytes, foreignPacketOf, frameOf, grouped, hex, ordered } from './framed.ts'

const NOW = 1_000_000

function received(frame: Buffer, protocol: ProtocolVersion): Message {
  const view = new PublishView()
  const { buffer, firstByte, start, body, end } = frameOf(frame)
  assert.equal(walkPublish(view, buffer, firstByte, start, body, end, protocol), 0)
  return messageOf(view, buffer.toString('utf8', view.topicStart, view.topicEnd), NOW)
}

function sent(encoded: EncodedPublish, id = 0): Buffer {
  const sink = new ByteSink(4)
  sink.append(Buffer.from('before'), 0, 6)
  const offset = appendPublish(sink, encoded, id)
  assert.equal(offset, 6)
  assert.equal(sink.length - offset, encodedSize(encoded))
  return sink.bytes.subarray(offset, sink.length)
}

const message = fc.record({
  topic: topicName,
  payload: bytes,
  qos,
  retain: fc.boolean(),
  messageId: packetId,
  properties: messageProperties,
  userProperties,
  expiry: fc.option(fc.integer({ min: 1, max: 4_000_000 }), { nil: undefined }),
})
const copy = fc.record({
  to: version,
  qos,
  retain: fc.boolean(),
  dup: fc.boolean(),
  id: packetId,
  subscriptionIds: fc.option(fc.array(fc.integer({ min: 1, max: 268_435_455 }), { maxLength: 3 }), {
    nil: null,
  }),
  waitedSec: fc.integer({ min: 0, max: 10 }),
})

test('any message from any version reaches a subscriber of any version whole', () => {
  fc.assert(
    fc.property(message, version, copy, (given, from, out) => {
      const expiry = given.expiry === undefined ? {} : { messageExpiryInterval: given.expiry }
      const properties = { ...given.properties, ...ordered(given.userProperties), ...expiry }
      const original = received(
        foreignBytes({ ...given, cmd: 'publish', dup: false, properties }, from),
        from,
      )
      const now = NOW + out.waitedSec * 1000
      const encoded = encodePublish(original, out.to, out.qos, out.retain, out.dup, out.subscriptionIds, now)
      const packet = foreignPacketOf('publish', sent(encoded, out.id), out.to)
      assert.equal(packet.topic, given.topic)
      assert.deepEqual(packet.payload, given.payload)
      assert.deepEqual([packet.qos, packet.retain], [out.qos, out.retain])
      assert.equal(packet.dup, out.dup && out.qos > 0)
      if (out.qos > 0) assert.equal(packet.messageId, out.id)
      const both = from === 5 && out.to === 5
      const heard = packet.properties
      assert.deepEqual(heard?.userProperties ?? grouped([]), grouped(both ? given.userProperties : []))
      assert.equal(heard?.contentType, both ? given.properties.contentType : undefined)
      assert.equal(heard?.responseTopic, both ? given.properties.responseTopic : undefined)
      assert.deepEqual(heard?.correlationData, both ? given.properties.correlationData : undefined)
      const left = given.expiry === undefined ? undefined : Math.max(given.expiry - out.waitedSec, 0)
      assert.equal(heard?.messageExpiryInterval, both ? left : undefined)
      const ids = out.to === 5 ? (out.subscriptionIds ?? []) : []
      assert.deepEqual([heard?.subscriptionIdentifier ?? []].flat(), ids)
    }),
    { numRuns: 500 },
  )
})

test('a subscriber that gets what was published gets the very bytes, uncopied', () => {
  const frame = hex("30 08 0001 't' 02 01 01 'hi'")
  const original = received(frame, 5)
  const encoded = encodePublish(original, 5, 0, false, false, null, NOW)
  assert.equal(encoded.bytes, original.payloadBuffer)
  assert.deepEqual(sent(encoded), frame)
})

for (const [what, from, to, qosOut, retain, ids] of [
  ['of another version', 4, 5, 0, false, null],
  ['of another version, the other way', 5, 4, 0, false, null],
  ['with retain as published', 4, 4, 0, true, null],
  ['with a QoS', 4, 4, 1, false, null],
  ['with a subscription identifier', 5, 5, 0, false, [1]],
] as const) {
  test(`a subscriber ${what} gets a packet of its own`, () => {
    const original = received(from === 5 ? hex("30 06 0001 't' 00 'hi'") : hex("30 05 0001 't' 'hi'"), from)
    const encoded = encodePublish(original, to, qosOut, retain, false, ids, NOW)
    assert.notEqual(encoded.bytes, original.payloadBuffer)
  })
}

test('MQTT 3.1 and 3.1.1 share the very bytes', () => {
  const original = received(hex("30 05 0001 't' 'hi'"), 3)
  assert.equal(encodePublish(original, 4, 0, false, false, null, NOW).bytes, original.payloadBuffer)
})

test('one encoded packet serves many subscribers, each with its packet id', () => {
  const encoded = encodePublish(received(hex("30 05 0001 't' 'hi'"), 4), 4, 1, false, false, null, NOW)
  assert.deepEqual(sent(encoded, 0x1234), hex("32 07 0001 't' 1234 'hi'"))
  assert.deepEqual(sent(encoded, 7), hex("32 07 0001 't' 0007 'hi'"))
})

test('QoS 0 has no packet id to patch [MQTT-2.2.1-2]', () => {
  const encoded = encodePublish(received(hex("32 07 0001 't' 0009 'hi'"), 4), 4, 0, false, false, null, NOW)
  assert.equal(encoded.packetIdAt, -1)
  assert.deepEqual(sent(encoded, 0x1234), hex("30 05 0001 't' 'hi'"))
})

test('what is left of a second is a second [MQTT-3.3.2-6]', () => {
  const given = {
    topic: 't',
    payload: Buffer.alloc(0),
    qos: 0,
    retain: false,
    expiresAt: NOW + 1500,
  } as const
  const left = (now: number): number | undefined => {
    const encoded = encodePublish(createMessage(given), 5, 0, false, false, null, now)
    return foreignPacketOf('publish', sent(encoded), 5).properties?.messageExpiryInterval
  }
  assert.deepEqual([left(NOW), left(NOW + 600), left(NOW + 2000)], [2, 1, 0])
})

test('packets of all sizes keep their bytes while later ones are encoded', () => {
  const sizes = [1, 100, ENCODE_SLAB_BYTES / 4, ENCODE_SLAB_BYTES, 10_000, 16_000, 16_000, 16_000, 16_000, 50]
  const all = sizes.map((size, index) => {
    const payload = Buffer.alloc(size, index + 1)
    const given = createMessage({ topic: 't', payload, qos: 0, retain: false })
    return { payload, encoded: encodePublish(given, 4, 1, false, false, null, NOW) }
  })
  for (const { payload, encoded } of all) {
    assert.deepEqual(foreignPacketOf('publish', sent(encoded, 1), 4).payload, payload)
  }
})
