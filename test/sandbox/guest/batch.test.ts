import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Batch } from '../../../sandbox/guest/batch.ts'
import { Call } from '../../../sandbox/guest/call.ts'
import { Outbox } from '../../../sandbox/guest/outbox.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

const newBatch = (outbox = new Outbox(ISOLATE_LIMITS)): Batch => new Batch(outbox, 256)
const nobody = (): never => assert.fail('nobody waits')

test('the answers stand in the order of the questions, whichever promise settles when', () => {
  const question = fc.record({ answer: fc.integer({ min: 0, max: 9 }), late: fc.boolean(), rank: fc.nat(50) })
  fc.assert(
    fc.property(fc.array(question, { maxLength: 64 }), (questions) => {
      const batch = newBatch()
      const pending: { rank: number; settle: () => void }[] = []
      for (const { answer, late, rank } of questions) {
        if (!late) batch.text += `,${answer}`
        else {
          const fill = batch.leaveHole(undefined, nobody)
          pending.push({ rank, settle: () => fill(String(answer), true) })
        }
      }
      for (const { settle } of pending.toSorted((one, other) => one.rank - other.rank)) settle()
      assert.deepEqual(
        JSON.parse(`[${batch.collect(false, nobody)}]`),
        questions.map(({ answer }) => answer),
      )
    }),
  )
})

test('a promise that is still open when the frame is collected is unsettled, and stays so', () => {
  const batch = newBatch()
  const fill = batch.leaveHole(undefined, nobody)
  const first = batch.collect(false, nobody)
  assert.match(first, /^"unsettled:/)
  fill('1', true)
  assert.equal(batch.collect(false, nobody), first)
})

test('only the first answer of a promise counts', () => {
  const batch = newBatch()
  const fill = batch.leaveHole(undefined, nobody)
  fill('3', true)
  fill('1', true)
  assert.equal(batch.collect(false, nobody), '3')
})

test('while something is outstanding, an open promise waits under a number, and its answer comes late', () => {
  const outbox = new Outbox(ISOLATE_LIMITS)
  const batch = newBatch(outbox)
  const call = new Call(ISOLATE_LIMITS)
  const late: unknown[] = []
  const fill = batch.leaveHole(call, (...settled) => late.push(settled))
  batch.text += ',1'
  const waiting: Call[] = []
  assert.equal(
    batch.collect(true, (each) => waiting.push(each)),
    '[1],1',
  )
  assert.deepEqual(waiting, [call])
  fill('3', true)
  assert.deepEqual(late, [[call, '3', true]])
})
