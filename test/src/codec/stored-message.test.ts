import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMessage, payloadOf, propertiesOf } from '../../../src/codec/message.ts'
import { decodeStored, encodeStored } from '../../../src/codec/stored-message.ts'

const publisher = fc.option(
  fc.record({ clientId: fc.string({ minLength: 1 }), json: fc.constant('{"clientId":"x"}') }),
)
const message = fc.record({
  topic: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
  payload: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  retain: fc.boolean(),
  expiresAt: fc.constantFrom(0, 1_800_000_000_123),
  properties: fc.constantFrom(undefined, {
    contentType: 'text/plain',
    correlationData: Buffer.from([0, 1]),
    userProperties: [
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
    ] as const,
  }),
  publisher,
  hops: fc.nat(3),
  plugin: fc.constantFrom('', 'gate'),
})

test('a message comes back as it was, its bytes its own', () => {
  fc.assert(
    fc.property(message, (init) => {
      const before = createMessage(init)
      const after = decodeStored(encodeStored(before))
      const facts = ({ topic, qos, retain, expiresAt, hops, plugin }: typeof before) => ({
        topic,
        qos,
        retain,
        expiresAt,
        hops,
        plugin,
      })
      assert.deepEqual(facts(after), facts(before))
      assert.deepEqual(payloadOf(after), payloadOf(before))
      assert.deepEqual(propertiesOf(after), propertiesOf(before))
      assert.deepEqual(after.publisher?.clientId, init.publisher?.clientId)
      assert.equal(after.topicBuffer.toString('utf8', after.topicStart, after.topicEnd), init.topic)
      assert.ok(after.compact)
    }),
  )
})

test('what another version has written is not guessed at', () => {
  assert.throws(() => decodeStored(Buffer.from([9, 0])), /has form 9, and 1 is known/)
})
