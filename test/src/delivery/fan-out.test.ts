import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PINNED_CHUNK_BYTES } from '../../../src/base/limits.ts'
import type { EncodedPublish } from '../../../src/codec/encode-publish.ts'
import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'
import { FanOut, startFan } from '../../../src/delivery/fan-out.ts'
import { received } from '../../support/messages.ts'
import { qos, version } from '../codec/arbitrary.ts'
import { foreignPacketOf } from '../codec/framed.ts'

function read(
  encoded: EncodedPublish,
  version: ProtocolVersion,
): ReturnType<typeof foreignPacketOf<'publish'>> {
  const bytes = Buffer.from(encoded.bytes.subarray(encoded.start, encoded.end))
  if (encoded.packetIdAt >= 0) bytes.writeUInt16BE(1, encoded.packetIdAt - encoded.start)
  return foreignPacketOf('publish', bytes, version)
}

test('a message is encoded once for each form, however many get it', () => {
  const form = fc.record({ version, qos, retain: fc.boolean() })
  fc.assert(
    fc.property(fc.array(form, { maxLength: 40 }), (recipients) => {
      const fan = new FanOut(received({ topic: 't', qos: 2, retain: true }))
      const known = new Map<string, EncodedPublish>()
      for (const { version, qos, retain } of recipients) {
        const encoded = fan.encoded(version, qos, retain, null)
        // MQTT 3.1 and 3.1.1 have the same PUBLISH
        const key = `${version === 5} ${qos} ${retain}`
        assert.equal(encoded, known.get(key) ?? encoded)
        known.set(key, encoded)
        const packet = read(encoded, version)
        assert.deepEqual([packet.qos, packet.retain, String(packet.payload)], [qos, retain, 'hi'])
      }
    }),
  )
})

test('what carries subscription identifiers is encoded for its recipient alone [MQTT-3.3.4-3]', () => {
  const fan = new FanOut(received({ topic: 't', qos: 1 }))
  const plain = fan.encoded(5, 1, false, null)
  assert.deepEqual(read(fan.encoded(5, 1, false, [7]), 5).properties?.subscriptionIdentifier, 7)
  assert.deepEqual(read(fan.encoded(5, 1, false, [8, 9]), 5).properties?.subscriptionIdentifier, [8, 9])
  assert.equal(fan.encoded(5, 1, false, null), plain)
  assert.equal(read(plain, 5).properties?.subscriptionIdentifier, undefined)
})

test('before MQTT 5 there are no subscription identifiers, so all share one form', () => {
  const fan = new FanOut(received({ topic: 't', qos: 1 }))
  assert.equal(fan.encoded(4, 1, false, [7]), fan.encoded(4, 1, false, null))
})

test('beginning with the next message forgets the forms and the copy of the last', () => {
  const fan = startFan(received({ topic: 't', payload: 'one' }))
  fan.encoded(4, 0, false, null)
  assert.equal(fan.kept.topic, 't')
  const next = startFan(received({ topic: 'u', payload: 'two' }))
  assert.equal(String(read(next.encoded(4, 0, false, null), 4).payload), 'two')
  assert.equal(next.kept.topic, 'u')
})

test('what waits long is copied once and pins no chunk', () => {
  const message = received({ topic: 't' })
  const fan = new FanOut(message)
  assert.notEqual(fan.kept, message)
  assert.equal(fan.kept, fan.kept)
  assert.notEqual(fan.kept.payloadBuffer.buffer, message.payloadBuffer.buffer)
})

test('what is in flight may pin a small chunk, but no big one', () => {
  const small = received({ topic: 't' })
  assert.equal(new FanOut(small).inFlight, small)
  const big = received({ topic: 't', payload: Buffer.alloc(PINNED_CHUNK_BYTES) })
  const fan = new FanOut(big)
  assert.notEqual(fan.inFlight, big)
  assert.equal(fan.inFlight, fan.kept)
})

test('the message expiry interval is counted down by the time spent here [MQTT-3.3.2-6]', (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  const message = received({ topic: 't', properties: { messageExpiryInterval: 10 } }, 5, 1_000_000)
  context.mock.timers.setTime(1_004_000)
  const packet = read(new FanOut(message).encoded(5, 0, false, null), 5)
  assert.equal(packet.properties?.messageExpiryInterval, 6)
})

test('a message is encoded once for each name that it has for its recipients', () => {
  const fan = new FanOut(received({ topic: 'home/lamp', payload: 'on', properties: { contentType: 'x' } }))
  assert.equal(fan.as(null), fan)
  assert.equal(fan.as('lamp').encoded(5, 1, false, null), fan.as('lamp').encoded(5, 1, false, null))
  for (const name of ['lamp', 'light']) {
    const { topic, payload, properties } = read(fan.as(name).encoded(5, 0, false, null), 5)
    assert.deepEqual([topic, String(payload), properties], [name, 'on', { contentType: 'x' }])
  }
  fan.begin(received({ topic: 'home/lamp', payload: 'off' }))
  assert.equal(String(read(fan.as('lamp').encoded(4, 0, false, null), 4).payload), 'off')
})
