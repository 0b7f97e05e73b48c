import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decodeMessageProperties,
  encodeMessageProperties,
  type MessageProperties,
} from '../../../src/codec/message-properties.ts'
import { bytes, text, topicName, userProperties } from './arbitrary.ts'

const properties: fc.Arbitrary<MessageProperties> = fc.record(
  {
    payloadFormat: fc.constantFrom(0, 1),
    contentType: text,
    responseTopic: topicName,
    correlationData: bytes,
    userProperties: userProperties.filter((pairs) => pairs.length > 0),
  },
  { requiredKeys: [], noNullPrototype: true },
)

test('properties decode as they were encoded, user properties in their order [MQTT-3.3.2-18]', () => {
  fc.assert(
    fc.property(properties, (given) => {
      const encoded = encodeMessageProperties(given)
      if (encoded === null) assert.deepEqual(given, {})
      else assert.deepEqual(decodeMessageProperties(encoded, 0, encoded.length), given)
    }),
  )
})

test('no properties are no bytes, and no bytes are no properties', () => {
  assert.equal(encodeMessageProperties({ userProperties: [] }), null)
  assert.equal(decodeMessageProperties(Buffer.from('x'), 1, 1), undefined)
})

test('a value that its length field cannot hold is our bug', () => {
  assert.throws(() => encodeMessageProperties({ contentType: 'x'.repeat(65_536) }), /broken invariant/)
})

test('decoded bytes are a copy', () => {
  const encoded = encodeMessageProperties({ correlationData: Buffer.from('id') })
  assert.ok(encoded !== null)
  const decoded = decodeMessageProperties(encoded, 0, encoded.length)
  encoded.fill(0)
  assert.deepEqual(decoded?.correlationData, Buffer.from('id'))
})

test('each kind stands where its publisher has put it', () => {
  const given = { responseTopic: 'r', contentType: 'c', payloadFormat: 1 as const }
  const encoded = encodeMessageProperties(given)
  assert.deepEqual([...(encoded ?? [])], [8, 0, 1, 0x72, 3, 0, 1, 0x63, 1, 1])
  assert.deepEqual(
    Object.keys(decodeMessageProperties(encoded ?? Buffer.of(), 0, 10) ?? {}),
    Object.keys(given),
  )
})
