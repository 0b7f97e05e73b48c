import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteSink } from '../../../src/base/byte-sink.ts'
import { AliasedPublish } from '../../../src/codec/aliased-publish.ts'
import { appendPublish, EncodedPublish, encodePublish } from '../../../src/codec/encode-publish.ts'
import { received } from '../../support/messages.ts'
import { bytes, messageProperties, packetId, qos, topicName } from './arbitrary.ts'
import { foreignPacketOf, hex } from './framed.ts'

const aliased = new AliasedPublish()

function sent(encoded: EncodedPublish, alias: number, withTopic: boolean, id: number): Buffer {
  const sink = new ByteSink(4)
  aliased.begin(encoded, withTopic)
  aliased.appendTo(sink, alias, id)
  assert.equal(sink.length, aliased.size, 'it has the size that was judged')
  return sink.bytes.subarray(0, sink.length)
}

test('a packet by an alias differs in its topic and its alias, and in nothing else', () => {
  const any = fc.record({
    topic: topicName,
    // around the sizes at which a length takes another byte
    payload: fc.oneof(bytes, fc.integer({ min: 90, max: 140 }).map(Buffer.alloc)),
    qos,
    id: packetId,
    properties: messageProperties,
    alias: fc.integer({ min: 1, max: 0xffff }),
    withTopic: fc.boolean(),
    ids: fc.option(fc.array(fc.integer({ min: 1, max: 268_435_455 }), { maxLength: 3 }), { nil: null }),
  })
  fc.assert(
    fc.property(any, ({ topic, payload, properties, alias, withTopic, ids, ...how }) => {
      const message = received({ topic, payload: Buffer.from(payload), properties })
      const encoded = encodePublish(message, 5, how.qos, false, false, ids, 0)
      const plain = new ByteSink()
      appendPublish(plain, encoded, how.id)
      const whole = foreignPacketOf('publish', plain.bytes.subarray(0, plain.length), 5)
      const byAlias = foreignPacketOf('publish', sent(encoded, alias, withTopic, how.id), 5)
      assert.deepEqual(
        { ...byAlias, length: 0 },
        {
          ...whole,
          length: 0,
          topic: withTopic ? topic : '',
          properties: { ...whole.properties, topicAlias: alias },
        },
      )
    }),
    { numRuns: 300 },
  )
})

test('the packet that others share stays as it is', () => {
  const encoded = encodePublish(received({ topic: 't', payload: 'hi' }), 5, 1, false, false, null, 0)
  assert.deepEqual(sent(encoded, 7, true, 9), hex("32 0b 0001 't' 0009 03 23 0007 'hi'"))
  assert.deepEqual(sent(encoded, 7, false, 9), hex("32 0a 0000 0009 03 23 0007 'hi'"))
  const plain = new ByteSink()
  appendPublish(plain, encoded, 1)
  assert.deepEqual(plain.bytes.subarray(0, plain.length), hex("32 08 0001 't' 0001 00 'hi'"))
})

test('a packet that would be longer than any may be has no size', () => {
  // its header alone, saying that it has the most bytes that a length can say
  const header = Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x74, 0])
  aliased.begin(new EncodedPublish(header, 0, 268_435_460, -1), true)
  assert.equal(aliased.size, Number.POSITIVE_INFINITY)
})
