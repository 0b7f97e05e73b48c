import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { USER_PROPERTIES_PER_PACKET } from '../../../src/base/limits.ts'
import { decodeMessageProperties } from '../../../src/codec/message-properties.ts'
import type { ProtocolVersion } from '../../../src/codec/packet-type.ts'
import { PublishView, walkPublish } from '../../../src/codec/publish-view.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import {
  bytes,
  messageProperties,
  packetId,
  qos,
  seconds,
  topicName,
  userProperties,
  version,
} from './arbitrary.ts'
import { foreignBytes, foreignPacketOf, frameOf, grouped, hex, ordered } from './framed.ts'

function walk(frame: Buffer, protocol: ProtocolVersion): [refusal: number, view: PublishView] {
  const view = new PublishView()
  const framed = frameOf(frame)
  const { buffer, firstByte, start, body, end } = framed
  return [walkPublish(view, buffer, firstByte, start, body, end, protocol), view]
}

function accepted(frame: Buffer, protocol: ProtocolVersion): PublishView {
  const [refusal, view] = walk(frame, protocol)
  assert.equal(refusal, 0)
  return view
}

const publish = fc.record({
  topic: topicName,
  payload: bytes,
  qos,
  dup: fc.boolean(),
  retain: fc.boolean(),
  messageId: packetId,
  properties: messageProperties,
  userProperties,
  messageExpiryInterval: fc.option(seconds, { nil: undefined }),
  topicAlias: fc.option(packetId, { nil: undefined }),
})

test('any valid PUBLISH is read as the foreign library wrote it', () => {
  fc.assert(
    fc.property(publish, version, (packet, protocol) => {
      const { messageExpiryInterval, topicAlias } = packet
      const dup = packet.dup && packet.qos > 0
      const properties = {
        ...packet.properties,
        ...(messageExpiryInterval !== undefined && { messageExpiryInterval }),
        ...(topicAlias !== undefined && { topicAlias }),
        ...ordered(packet.userProperties),
      }
      const view = accepted(foreignBytes({ ...packet, cmd: 'publish', dup, properties }, protocol), protocol)
      assert.equal(view.buffer.toString('utf8', view.topicStart, view.topicEnd), packet.topic)
      assert.deepEqual(view.buffer.subarray(view.payloadStart, view.payloadEnd), packet.payload)
      assert.deepEqual([view.qos, view.dup, view.retain], [packet.qos, dup, packet.retain])
      assert.equal(view.packetId, packet.qos === 0 ? 0 : packet.messageId)
      assert.equal(view.version, protocol)
      assert.equal(view.topicAlias, protocol === 5 ? (topicAlias ?? 0) : 0)
      assert.equal(view.messageExpirySec, protocol === 5 ? (messageExpiryInterval ?? -1) : -1)
      const bare = topicAlias === undefined && messageExpiryInterval === undefined
      assert.equal(view.forwardable, protocol !== 5 || bare)
      const read = decodeMessageProperties(view.buffer, view.propertiesStart, view.propertiesEnd)
      assert.deepEqual(read?.userProperties ?? [], protocol === 5 ? packet.userProperties : [])
    }),
  )
})

test('whatever bytes the walk accepts, the foreign library reads the same', () => {
  const mutation = fc.tuple(fc.nat(60), fc.integer({ min: 0, max: 255 }))
  let survivors = 0
  fc.assert(
    fc.property(publish, fc.array(mutation, { maxLength: 3 }), version, (packet, mutations, protocol) => {
      const properties = { ...packet.properties, ...ordered(packet.userProperties) }
      const frame = foreignBytes({ ...packet, cmd: 'publish', dup: false, properties }, protocol)
      const header = frameOf(frame)
      const size = header.end - header.body
      for (const [at, byte] of mutations) frame[header.body - header.start + (at % size)] = byte
      const [refusal, view] = walk(frame, protocol)
      if (refusal !== 0) return
      survivors++
      const foreign = foreignPacketOf('publish', frame, protocol)
      assert.equal(view.buffer.toString('utf8', view.topicStart, view.topicEnd), foreign.topic)
      assert.deepEqual(view.buffer.subarray(view.payloadStart, view.payloadEnd), foreign.payload)
      if (view.qos > 0) assert.equal(view.packetId, foreign.messageId)
      assert.equal(view.topicAlias, foreign.properties?.topicAlias ?? 0)
      const read = decodeMessageProperties(view.buffer, view.propertiesStart, view.propertiesEnd)
      assert.equal(read?.contentType, foreign.properties?.contentType)
      assert.deepEqual(grouped(read?.userProperties ?? []), foreign.properties?.userProperties ?? grouped([]))
    }),
    { numRuns: 2000 },
  )
  assert.ok(survivors > 200, `only ${survivors} packets were accepted`)
})

test('a view that is filled again keeps nothing of the packet before', () => {
  const view = new PublishView()
  const read = (frame: Buffer): number => {
    const framed = frameOf(frame)
    return walkPublish(view, framed.buffer, framed.firstByte, framed.start, framed.body, framed.end, 5)
  }
  assert.equal(read(hex("3b 10 0001 't' 0007 0a 01 01 02 00000009 23 0002")), 0)
  assert.deepEqual([view.payloadFormat, view.messageExpirySec, view.topicAlias], [1, 9, 2])
  assert.equal(read(hex("30 05 0001 't' 00 'x'")), 0)
  assert.deepEqual([view.payloadFormat, view.messageExpirySec, view.topicAlias], [-1, -1, 0])
  assert.deepEqual(
    [view.qos, view.dup, view.retain, view.packetId, view.forwardable],
    [0, false, false, 0, true],
  )
})

const PLAIN = { cmd: 'publish', topic: 't', payload: '', qos: 0, dup: false, retain: false } as const

function withUserProperties(count: number): Buffer {
  const name = Array.from({ length: count }, () => '')
  return foreignBytes({ ...PLAIN, properties: { userProperties: { name } } }, 5)
}

test('a PUBLISH may have many user properties, and not too many', () => {
  assert.equal(walk(withUserProperties(USER_PROPERTIES_PER_PACKET), 5)[0], 0)
  assert.equal(walk(withUserProperties(USER_PROPERTIES_PER_PACKET + 1), 5)[0], ReasonCode.quotaExceeded)
})
