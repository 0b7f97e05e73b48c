import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RingBuffer } from '../../../src/base/ring-buffer.ts'

test('whatever is pushed and shifted, the ring holds what an array with a bound would', () => {
  const step = fc.constantFrom(
    'push' as const,
    'push' as const,
    'push' as const,
    'shift' as const,
    'clear' as const,
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.array(step, { maxLength: 200 }), (bound, script) => {
      const ring = new RingBuffer<number>(bound)
      const oracle: number[] = []
      for (const [turn, kind] of script.entries()) {
        if (kind === 'push') {
          const fits = oracle.length < bound
          if (fits) oracle.push(turn)
          assert.equal(ring.push(turn), fits)
        } else if (kind === 'shift') {
          assert.equal(ring.shift(), oracle.shift())
        } else if (turn % 7 === 0) {
          ring.clear()
          oracle.length = 0
        }
        assert.equal(ring.length, oracle.length)
        assert.equal(ring.peek(), oracle[0])
        assert.deepEqual(
          oracle.map((_, index) => ring.at(index)),
          oracle,
        )
      }
    }),
  )
})

test('there is nothing before the oldest and nothing behind the newest item', () => {
  const ring = new RingBuffer<string>(4)
  ring.push('a')
  assert.equal(ring.at(-1), undefined)
  assert.equal(ring.at(1), undefined)
})

test('a ring that a burst has grown works on after it is drained', () => {
  const ring = new RingBuffer<number>(5000)
  for (let round = 0; round < 3; round += 1) {
    for (let item = 0; item < 5000; item += 1) assert.ok(ring.push(item))
    assert.equal(ring.push(5000), false)
    for (let item = 0; item < 5000; item += 1) assert.equal(ring.shift(), item)
    assert.equal(ring.shift(), undefined)
  }
})

test('a ring without a bound is our own bug', () => {
  assert.throws(() => new RingBuffer(Number.POSITIVE_INFINITY), /broken invariant/)
  assert.throws(() => new RingBuffer(-1), /broken invariant/)
})
