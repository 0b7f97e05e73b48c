import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Batch } from '../../../sandbox/guest/batch.ts'

test('the answers stand in the order of the questions, whichever promise settles when', () => {
  const question = fc.record({ answer: fc.integer({ min: 0, max: 9 }), late: fc.boolean(), rank: fc.nat(50) })
  fc.assert(
    fc.property(fc.array(question, { maxLength: 64 }), (questions) => {
      const batch = new Batch(256)
      const pending: { rank: number; settle: () => void }[] = []
      for (const { answer, late, rank } of questions) {
        if (!late) batch.text += `,${answer}`
        else {
          const fill = batch.leaveHole()
          pending.push({ rank, settle: () => fill(String(answer)) })
        }
      }
      for (const { settle } of pending.toSorted((one, other) => one.rank - other.rank)) settle()
      assert.deepEqual(
        JSON.parse(`[${batch.collect()}]`),
        questions.map(({ answer }) => answer),
      )
    }),
  )
})

test('a promise that is still open when the frame is collected is unsettled, and stays so', () => {
  const batch = new Batch(256)
  const fill = batch.leaveHole()
  const first = batch.collect()
  assert.match(first, /^"unsettled:/)
  fill('1')
  assert.equal(batch.collect(), first)
})

test('only the first answer of a promise counts', () => {
  const batch = new Batch(256)
  const fill = batch.leaveHole()
  fill('3')
  fill('1')
  assert.equal(batch.collect(), '3')
})
