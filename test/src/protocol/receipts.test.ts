import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Receipts } from '../../../src/protocol/receipts.ts'

test('so many go at once; the next ones wait, and go in their order as others are released', () => {
  const receipts = new Receipts(2)
  assert.deepEqual(
    [7, 5, 3, 4].map((id) => receipts.mayGo(id, true)),
    [true, true, false, false],
  )
  assert.deepEqual(receipts.released(5), [3])
  assert.deepEqual(receipts.released(7), [4])
  assert.deepEqual(receipts.released(3), [])
})

test('a repetition is answered once more if it was answered before, and waits on otherwise', () => {
  const receipts = new Receipts(1)
  assert.deepEqual(
    [1, 2, 1, 2].map((id) => receipts.mayGo(id, true)),
    [true, false, true, false],
  )
  assert.deepEqual(receipts.released(1), [2])
  assert.equal(receipts.mayGo(2, true), true)
})

test('who releases what was never answered makes no room', () => {
  const receipts = new Receipts(1)
  for (const id of [1, 2, 3]) receipts.mayGo(id, true)
  assert.deepEqual(receipts.released(2), [])
  assert.deepEqual(receipts.released(9), [])
  assert.deepEqual(receipts.released(1), [3])
})

test('one that not all have yet waits for that, others behind it; then they go in their order', () => {
  const receipts = new Receipts(2)
  for (const [id, isRouted] of [
    [1, true],
    [2, true],
    [3, false],
    [4, true],
    [5, true],
  ] as const) {
    receipts.mayGo(id, isRouted)
  }
  assert.deepEqual(receipts.released(1), [])
  assert.deepEqual(receipts.released(2), [])
  assert.equal(receipts.mayGo(3, true), false, 'a repetition does not make it safe')
  assert.deepEqual(receipts.routed(3), [3, 4])
  assert.deepEqual(receipts.routed(9), [])
  assert.deepEqual(receipts.released(3), [5])
})

test('never more than may are open, and whoever releases all of them is answered on all', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 99 })),
      (most, ids) => {
        const receipts = new Receipts(most)
        const open = ids.filter((id) => receipts.mayGo(id, true))
        const answered = [...open]
        assert.ok(open.length <= most)
        for (let id = open.shift(); id !== undefined; id = open.shift()) {
          const next = receipts.released(id)
          open.push(...next)
          answered.push(...next)
          assert.ok(open.length <= most)
        }
        assert.deepEqual(answered, ids)
      },
    ),
  )
})
