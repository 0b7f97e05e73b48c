import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FrameEncoder } from '../../../../sandbox/host/cells/frame-encoder.ts'
import { FrameReader } from '../../../../sandbox/wire/frames.ts'
import { anyText } from '../../../support/any-text.ts'

test('what is encoded reads back the same, whatever the text and however many frames', () => {
  fc.assert(
    fc.property(fc.array(anyText({ maxLength: 300 }), { maxLength: 20 }), (bodies) => {
      const encoder = new FrameEncoder()
      bodies.forEach((body, id) => {
        encoder.header.id = id
        encoder.add(body.toWellFormed())
      })
      const reader = new FrameReader(1_000_000)
      reader.push(encoder.take())
      const found: string[] = []
      while (reader.next() === 'frame') {
        assert.equal(reader.header.id, found.length)
        found.push(new TextDecoder().decode(reader.body))
      }
      assert.deepEqual(
        found,
        bodies.map((body) => body.toWellFormed()),
      )
      assert.equal(encoder.isEmpty, true)
    }),
  )
})

test('memory grows with what is in it', () => {
  const encoder = new FrameEncoder()
  encoder.add('x'.repeat(200_000))
  assert.equal(encoder.take().length, 200_024)
})

test('memory that was abandoned is not written to again', () => {
  const encoder = new FrameEncoder()
  encoder.add('first')
  const taken = encoder.take()
  const copy = Buffer.from(taken)
  encoder.abandonMemory()
  encoder.add('other')
  assert.deepEqual(taken, copy)
})
