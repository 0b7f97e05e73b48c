import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { emptyHeader, FrameReader, HEADER_BYTES, writeHeader } from '../../../sandbox/wire/frames.ts'

const u8 = fc.integer({ min: 0, max: 0xff })
const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const plain = { noNullPrototype: true }
const header = { type: u8, outcome: u8, count: u16, epoch: u32, instance: u32, generation: u32, id: u32 }
const frame = fc.record({ header: fc.record(header, plain), body: fc.uint8Array({ maxLength: 300 }) }, plain)
type Frame = typeof frame extends fc.Arbitrary<infer Each> ? Each : never

function encode(frames: readonly Frame[]): Uint8Array {
  const pieces = frames.map(({ header, body }) => {
    const bytes = new Uint8Array(HEADER_BYTES + body.length)
    writeHeader(new DataView(bytes.buffer), 0, { ...header, bodyBytes: body.length })
    bytes.set(body, HEADER_BYTES)
    return bytes
  })
  return new Uint8Array(Buffer.concat(pieces))
}

function readAll(reader: FrameReader, found: Frame[]): void {
  while (reader.next() === 'frame') {
    const { bodyBytes, ...header } = reader.header
    assert.equal(bodyBytes, reader.body.length)
    found.push({ header, body: new Uint8Array(reader.body) })
  }
}

test('frames parse the same wherever the reads split them, even if the chunk is reused', () => {
  const splits = fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), splits, (frames, sizes) => {
      const bytes = encode(frames)
      const reader = new FrameReader(300)
      const found: Frame[] = []
      const chunk = new Uint8Array(97)
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = Math.min(sizes[turn % sizes.length] ?? 1, bytes.length - at)
        chunk.set(bytes.subarray(at, at + size))
        reader.push(chunk.subarray(0, size))
        readAll(reader, found)
        chunk.fill(0xee)
        at += size
      }
      assert.deepEqual(found, frames)
    }),
  )
})

test('a body above the bound is malformed before any of it is buffered', () => {
  const header = new Uint8Array(HEADER_BYTES)
  writeHeader(new DataView(header.buffer), 0, { ...emptyHeader(), bodyBytes: 301 })
  const reader = new FrameReader(300)
  reader.push(header)
  assert.equal(reader.next(), 'malformed')
})
