import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameStatus } from '../../../src/codec/framer.ts'
import { Frame } from '../../../src/protocol/frame.ts'
import { connectedFramer, hex } from '../codec/framed.ts'

test('a frame that is put aside stays the same when the framer has gone on', () => {
  const framer = connectedFramer(hex("82 06 0001 0001 'a' 00 c0 00"))
  assert.equal(framer.next(), FrameStatus.frame)
  const frame = new Frame(framer)
  assert.equal(framer.next(), FrameStatus.frame)
  assert.equal(framer.firstByte, 0xc0)
  assert.equal(frame.firstByte, 0x82)
  assert.deepEqual(frame.buffer.subarray(frame.start, frame.end), hex("82 06 0001 0001 'a' 00"))
  assert.equal(frame.body, frame.start + 2)
})
