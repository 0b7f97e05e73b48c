import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { FILTERS_PER_PACKET } from '../../../src/base/limits.ts'
import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'
import type { Refusal, UnsubscribePacket } from '../../../src/codec/packets.ts'
import { parseUnsubscribe } from '../../../src/codec/parse-unsubscribe.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import { packetId, topicName, userProperties, version } from './arbitrary.ts'
import { foreignBytes, frameOf, ordered } from './framed.ts'

function parse(frame: Buffer, protocol: ProtocolVersion): UnsubscribePacket | Refusal {
  const { buffer, firstByte, start, body, end } = frameOf(frame)
  return parseUnsubscribe(buffer, firstByte, start, body, end, protocol)
}

test('any valid UNSUBSCRIBE is read as the foreign library wrote it', () => {
  const filters = fc.array(topicName, { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(packetId, filters, userProperties, version, (messageId, unsubscriptions, pairs, protocol) => {
      const packet = { cmd: 'unsubscribe', messageId, unsubscriptions, properties: ordered(pairs) } as const
      assert.deepEqual(parse(foreignBytes(packet, protocol), protocol), {
        packetId: messageId,
        userProperties: protocol === 5 ? pairs : [],
        filters: unsubscriptions,
      })
    }),
  )
})

function framed(filters: number): Buffer {
  const unsubscriptions = Array.from({ length: filters }, () => 't')
  return foreignBytes({ cmd: 'unsubscribe', messageId: 1, unsubscriptions }, 4)
}

test('a packet may have many topic filters, and not too many', () => {
  assert.ok('filters' in parse(framed(FILTERS_PER_PACKET), 4))
  const packet = parse(framed(FILTERS_PER_PACKET + 1), 4)
  assert.ok('refused' in packet && packet.refused === ReasonCode.quotaExceeded)
})
