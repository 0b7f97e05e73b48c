import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { FILTERS_PER_PACKET } from '../../../src/base/limits.ts'
import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'
import type { Refusal, SubscribePacket } from '../../../src/codec/packets.ts'
import { parseSubscribe } from '../../../src/codec/parse-subscribe.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import { packetId, qos, topicName, userProperties, version } from './arbitrary.ts'
import { foreignBytes, frameOf, ordered } from './framed.ts'

function parse(frame: Buffer, protocol: ProtocolVersion): SubscribePacket | Refusal {
  const { buffer, firstByte, start, body, end } = frameOf(frame)
  return parseSubscribe(buffer, firstByte, start, body, end, protocol)
}

const subscription = fc.record({
  topic: topicName.chain((name) => fc.constantFrom(name, `${name}/#`, `+/${name}`, `$share/group/${name}`)),
  qos,
  nl: fc.boolean(),
  rap: fc.boolean(),
  rh: fc.constantFrom(0, 1, 2),
})
const subscribe = fc.record({
  messageId: packetId,
  subscriptions: fc.array(subscription, { minLength: 1, maxLength: 5 }),
  subscriptionIdentifier: fc.option(fc.integer({ min: 1, max: 268_435_455 }), { nil: undefined }),
  userProperties,
})

test('any valid SUBSCRIBE is read as the foreign library wrote it', () => {
  fc.assert(
    fc.property(subscribe, version, (given, protocol) => {
      const { messageId, subscriptionIdentifier } = given
      const five = protocol === 5
      const subscriptions = given.subscriptions.map((one) => ({
        ...one,
        nl: one.nl && !one.topic.startsWith('$share'),
      }))
      const properties = {
        ...(subscriptionIdentifier !== undefined && { subscriptionIdentifier }),
        ...ordered(given.userProperties),
      }
      const frame = foreignBytes({ cmd: 'subscribe', messageId, subscriptions, properties }, protocol)
      assert.deepEqual(parse(frame, protocol), {
        packetId: messageId,
        subscriptionId: five ? (subscriptionIdentifier ?? 0) : 0,
        userProperties: five ? given.userProperties : [],
        filters: subscriptions.map(({ topic, qos, nl, rap, rh }) => ({
          filter: topic,
          qos,
          noLocal: five && nl,
          retainAsPublished: five && rap,
          retainHandling: five ? rh : 0,
        })),
      })
    }),
  )
})

function framed(filters: number): Buffer {
  const subscriptions = Array.from({ length: filters }, () => ({ topic: 't', qos: 0 as const }))
  return foreignBytes({ cmd: 'subscribe', messageId: 1, subscriptions }, 4)
}

test('a packet may have many topic filters, and not too many', () => {
  assert.ok('filters' in parse(framed(FILTERS_PER_PACKET), 4))
  const packet = parse(framed(FILTERS_PER_PACKET + 1), 4)
  assert.ok('refused' in packet && packet.refused === ReasonCode.quotaExceeded)
})
