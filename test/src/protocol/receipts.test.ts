import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Receipts } from '../../../src/protocol/receipts.ts'

test('so many go at once; the next ones wait, and go in their order as others are released', () => {
  const receipts = new Receipts(2)
  assert.deepEqual(
    [7, 5, 3, 4].map((id) => receipts.mayGo(id)),
    [true, true, false, false],
  )
  assert.equal(receipts.released(5), 3)
  assert.equal(receipts.released(7), 4)
  assert.equal(receipts.released(3), 0)
})

test('a repetition is answered once more if it was answered before, and waits on otherwise', () => {
  const receipts = new Receipts(1)
  assert.deepEqual(
    [1, 2, 1, 2].map((id) => receipts.mayGo(id)),
    [true, false, true, false],
  )
  assert.equal(receipts.released(1), 2)
  assert.equal(receipts.mayGo(2), true)
})

test('who releases what was never answered makes no room', () => {
  const receipts = new Receipts(1)
  for (const id of [1, 2, 3]) receipts.mayGo(id)
  assert.equal(receipts.released(2), 0)
  assert.equal(receipts.released(9), 0)
  assert.equal(receipts.released(1), 3)
})

test('never more than may are open, and whoever releases all of them is answered on all', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 99 })),
      (most, ids) => {
        const receipts = new Receipts(most)
        const open = ids.filter((id) => receipts.mayGo(id))
        const answered = [...open]
        assert.ok(open.length <= most)
        for (let id = open.shift(); id !== undefined; id = open.shift()) {
          const next = receipts.released(id)
          if (next === 0) continue
          open.push(next)
          answered.push(next)
          assert.ok(open.length <= most)
        }
        assert.deepEqual(answered, ids)
      },
    ),
  )
})
