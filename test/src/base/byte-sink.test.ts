import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteSink } from '../../../src/base/byte-sink.ts'

test('whatever is appended and however often it grows, the bytes come out in order', () => {
  const piece = fc.record({ bytes: fc.uint8Array({ maxLength: 40 }), reserves: fc.boolean() })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 16 }), (pieces, capacity) => {
      const sink = new ByteSink(capacity)
      let expected = Buffer.alloc(0)
      for (const { bytes, reserves } of pieces) {
        const source = Buffer.from(bytes)
        const offset = reserves ? sink.reserve(source.length) : sink.append(source, 0, source.length)
        assert.equal(offset, expected.length)
        if (reserves) source.copy(sink.bytes, offset)
        expected = Buffer.concat([expected, source])
      }
      assert.equal(sink.length, expected.length)
      assert.deepEqual(Buffer.from(sink.bytes.subarray(0, sink.length)), expected)
    }),
  )
})

test('only the given part of the source is appended', () => {
  const sink = new ByteSink()
  sink.append(Buffer.from('abcdef'), 2, 4)
  assert.equal(sink.bytes.toString('latin1', 0, sink.length), 'cd')
})
