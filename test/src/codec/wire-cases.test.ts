import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import { AckView, walkAck } from '../../../src/codec/ack-view.ts'
import { Framer, FrameStatus } from '../../../src/codec/framer.ts'
import { PacketType, type ProtocolVersion } from '../../../src/codec/packet-type.ts'
import type { PacketParser } from '../../../src/codec/packets.ts'
import { parseAuth } from '../../../src/codec/parse-auth.ts'
import { parseConnect } from '../../../src/codec/parse-connect.ts'
import { parseDisconnect } from '../../../src/codec/parse-disconnect.ts'
import { parseSubscribe } from '../../../src/codec/parse-subscribe.ts'
import { parseUnsubscribe } from '../../../src/codec/parse-unsubscribe.ts'
import { PublishView, walkPublish } from '../../../src/codec/publish-view.ts'
import { reasonName } from '../../../src/codec/reason-code.ts'
import { connectedFramer, hex } from './framed.ts'
import { WIRE_CASES } from './wire-cases.ts'

const PARSERS: Readonly<Partial<Record<number, PacketParser<object>>>> = {
  [PacketType.CONNECT]: parseConnect,
  [PacketType.SUBSCRIBE]: parseSubscribe,
  [PacketType.UNSUBSCRIBE]: parseUnsubscribe,
  [PacketType.DISCONNECT]: parseDisconnect,
  [PacketType.AUTH]: parseAuth,
}

/** Reads one packet the way a connection does: framed, then walked or parsed by its type. */
function outcomeOf(bytes: Buffer, version: ProtocolVersion): number {
  const isFirst = (bytes[0] ?? 0) >> 4 === PacketType.CONNECT
  const framer = isFirst ? new Framer(1024) : connectedFramer(bytes, 1024)
  if (isFirst) framer.push(bytes)
  const status = framer.next()
  if (status === FrameStatus.refused) return framer.refusal
  assert.equal(status, FrameStatus.frame)
  const { buffer, firstByte, start, body, end } = framer
  assert.equal(end, buffer.length, 'a case is one whole packet')
  const type = firstByte >> 4
  const parse = PARSERS[type]
  if (parse !== undefined) {
    const packet = parse(buffer, firstByte, start, body, end, version)
    return 'refused' in packet ? packet.refused : 0
  }
  if (type === PacketType.PINGREQ) return 0
  if (type !== PacketType.PUBLISH) return walkAck(new AckView(), buffer, firstByte, body, end, version)
  return walkPublish(new PublishView(), buffer, firstByte, start, body, end, version)
}

for (const { what, version, bytes, outcome } of WIRE_CASES) {
  test(`${what}: ${outcome}`, () => {
    assert.equal(reasonName(outcomeOf(hex(bytes), version)), outcome)
  })
}
