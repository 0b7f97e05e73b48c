import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { Framer, FrameStatus } from '../../../src/codec/framer.ts'
import { ReasonCode } from '../../../src/codec/reason-code.ts'
import { CONNECT, connectedFramer, hex } from './framed.ts'

const PINGREQ = hex('c000')
const PUBLISH = hex("30 05 0001 't' 'hi'")
/** A remaining length of two bytes. */
const LONG = Buffer.concat([hex('30 ac02 0001'), Buffer.alloc(298, 'x')])

/** Everything that the framer hands out now, whole frames in hex. */
function drain(framer: Framer): string[] {
  const frames: string[] = []
  while (framer.next() === FrameStatus.frame) {
    frames.push(framer.buffer.toString('hex', framer.start, framer.end))
  }
  return frames
}

function refusalOf(bytes: Buffer, maximumPacketSize?: number): number {
  const framer = connectedFramer(bytes, maximumPacketSize)
  assert.equal(framer.next(), FrameStatus.refused)
  assert.equal(framer.next(), FrameStatus.refused)
  assert.equal(framer.buffered, 0)
  return framer.refusal
}

test('bytes split at every position give the same frames', () => {
  const frames = [CONNECT, PINGREQ, LONG, PUBLISH, PINGREQ]
  const stream = Buffer.concat(frames)
  const expected = frames.map((frame) => frame.toString('hex'))
  for (let split = 0; split <= stream.length; split++) {
    const framer = new Framer(1024)
    framer.push(stream.subarray(0, split))
    const before = drain(framer)
    framer.push(stream.subarray(split))
    assert.deepEqual([...before, ...drain(framer)], expected, `split at ${split}`)
    assert.equal(framer.buffered, 0)
  }
})

test('bytes in chunks of any size, read now or later, give the same frames', () => {
  const frames = fc.array(fc.constantFrom(PINGREQ, LONG, PUBLISH), { maxLength: 6 })
  const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.boolean()), { maxLength: 20 })
  fc.assert(
    fc.property(frames, cuts, (rest, chunks) => {
      const sent = [CONNECT, ...rest]
      let stream = Buffer.concat(sent)
      const framer = new Framer(1024)
      const got: string[] = []
      for (const [size, readNow] of chunks) {
        framer.push(stream.subarray(0, size))
        stream = stream.subarray(size)
        if (readNow) got.push(...drain(framer))
      }
      framer.push(stream)
      got.push(...drain(framer))
      assert.deepEqual(
        got,
        sent.map((frame) => frame.toString('hex')),
      )
    }),
  )
})

test('a frame within a chunk is handed out in place', () => {
  const framer = new Framer(1024)
  const chunk = Buffer.concat([CONNECT, LONG])
  framer.push(chunk)
  framer.next()
  framer.next()
  assert.equal(framer.buffer, chunk)
  assert.equal(framer.firstByte, 0x30)
  assert.deepEqual(
    [framer.start, framer.body, framer.end],
    [CONNECT.length, CONNECT.length + 3, chunk.length],
  )
})

test('the version that CONNECT says decides which flags may come behind it', () => {
  const again = hex("8a 06 0001 0001'a' 00")
  const framer = connectedFramer(again)
  framer.version = 3
  assert.deepEqual(drain(framer), [again.toString('hex')])
  assert.equal(refusalOf(again), ReasonCode.malformedPacket)
})

test('what follows a frame that was gathered is again handed out in place', () => {
  const framer = connectedFramer(PUBLISH.subarray(0, 3))
  assert.equal(framer.next(), FrameStatus.needMore)
  const chunk = Buffer.concat([PUBLISH.subarray(3), PINGREQ])
  framer.push(chunk)
  assert.equal(framer.next(), FrameStatus.frame)
  assert.notEqual(framer.buffer, chunk)
  assert.equal(framer.next(), FrameStatus.frame)
  assert.equal(framer.buffer, chunk)
})

test('a frame that was handed out is not overwritten by the next one', () => {
  const framer = connectedFramer(PUBLISH.subarray(0, 3))
  framer.next()
  framer.push(Buffer.concat([PUBLISH.subarray(3), LONG.subarray(0, 2)]))
  framer.next()
  const { buffer, start, end } = framer
  framer.next()
  framer.push(LONG.subarray(2))
  assert.deepEqual(drain(framer), [LONG.toString('hex')])
  assert.deepEqual(buffer.subarray(start, end), PUBLISH)
})

test('a header that claims a megabyte costs no megabyte', () => {
  const framers = Array.from({ length: 500 }, () => connectedFramer(hex('30 808040'), 2 << 20))
  const before = process.memoryUsage().arrayBuffers
  for (const framer of framers) {
    assert.equal(framer.next(), FrameStatus.needMore)
    framer.push(Buffer.alloc(10))
    assert.equal(framer.next(), FrameStatus.needMore)
    assert.equal(framer.buffered, 14)
  }
  const grown = process.memoryUsage().arrayBuffers - before
  assert.ok(grown < 1 << 20, `${grown} bytes for ${framers.length} frames of a megabyte each`)
})

test('the buffered bytes are those that came and were not handed out', () => {
  const framer = new Framer(1024)
  framer.push(CONNECT)
  framer.push(LONG.subarray(0, 100))
  framer.push(LONG.subarray(100, 150))
  assert.equal(framer.buffered, CONNECT.length + 150)
  framer.next()
  assert.equal(framer.buffered, 150)
  framer.next()
  assert.equal(framer.buffered, 150)
  framer.push(LONG.subarray(150))
  framer.next()
  assert.equal(framer.buffered, 0)
})

test('an empty chunk changes nothing', () => {
  const framer = new Framer(1024)
  framer.push(Buffer.alloc(0))
  assert.equal(framer.next(), FrameStatus.needMore)
})

test('a first packet that is no CONNECT is refused at its first byte [MQTT-3.1.0-1]', () => {
  const framer = new Framer(1024)
  framer.push(PINGREQ.subarray(0, 1))
  assert.equal(framer.next(), FrameStatus.refused)
  assert.equal(framer.refusal, ReasonCode.protocolError)
})

test('a packet with wrong flags is refused at its first byte [MQTT-2.1.3-1]', () => {
  assert.equal(refusalOf(hex('80')), ReasonCode.malformedPacket)
})

test('a packet of the Maximum Packet Size is accepted, and one byte more is refused before it comes', () => {
  assert.deepEqual(drain(connectedFramer(LONG, LONG.length)), [LONG.toString('hex')])
  assert.equal(refusalOf(LONG.subarray(0, 3), LONG.length - 1), ReasonCode.packetTooLarge)
})

test('the Maximum Packet Size may change while the connection lives', () => {
  const framer = connectedFramer(LONG, LONG.length)
  framer.maximumPacketSize = LONG.length - 1
  assert.equal(framer.next(), FrameStatus.refused)
})

for (const [what, written] of [
  ['in more than four bytes', '30 80808080'],
  ['that is not in its shortest form [MQTT-1.5.5-1]', '30 8000'],
  ['of a PINGREQ that is not 0', 'c0 01'],
] as const) {
  test(`a remaining length ${what} is malformed, split or not`, () => {
    const bytes = hex(written)
    assert.equal(refusalOf(bytes), ReasonCode.malformedPacket)
    const framer = connectedFramer(bytes.subarray(0, 1))
    for (const byte of bytes.subarray(1)) {
      assert.equal(framer.next(), FrameStatus.needMore)
      framer.push(Buffer.of(byte))
    }
    assert.equal(framer.next(), FrameStatus.refused)
    assert.equal(framer.refusal, ReasonCode.malformedPacket)
  })
}

test('what comes after a refusal is dropped', () => {
  const framer = connectedFramer(hex('00'))
  assert.equal(framer.next(), FrameStatus.refused)
  framer.push(PUBLISH)
  assert.equal(framer.buffered, 0)
  assert.equal(framer.next(), FrameStatus.refused)
})

test('frames before a refused one are handed out first', () => {
  const framer = connectedFramer(Buffer.concat([PUBLISH, hex('00')]))
  assert.deepEqual(drain(framer), [PUBLISH.toString('hex')])
  assert.equal(framer.next(), FrameStatus.refused)
})
