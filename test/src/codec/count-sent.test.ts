import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import { Traffic } from '../../../src/base/traffic.ts'
import { countSent } from '../../../src/codec/count-sent.ts'

test('packets, publishes among them and bytes are counted, whatever their lengths', () => {
  const other = fc.constantFrom<Packet>({ cmd: 'pingresp' }, { cmd: 'puback', messageId: 3 })
  const publish = fc.constantFrom(0, 100, 200, 17_000, 2_100_000).map(
    (size): Packet => ({
      cmd: 'publish',
      topic: 'a',
      payload: Buffer.alloc(size, 0x30),
      qos: 0,
      dup: false,
      retain: false,
    }),
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(other, publish), { maxLength: 6 }), (packets) => {
      const bytes = Buffer.concat(packets.map((packet) => generate(packet)))
      const traffic = new Traffic()
      countSent(bytes, traffic)
      const publishes = packets.filter(({ cmd }) => cmd === 'publish').length
      const { packetsSent, publishesSent, bytesSent, publishBytesSent } = traffic
      assert.deepEqual([packetsSent, publishesSent, bytesSent], [packets.length, publishes, bytes.length])
      const others = packets.filter(({ cmd }) => cmd !== 'publish').map((packet) => generate(packet).length)
      assert.equal(publishBytesSent, bytes.length - others.reduce((sum, length) => sum + length, 0))
    }),
    { numRuns: 40 },
  )
})
