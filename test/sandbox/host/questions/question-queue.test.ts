import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QuestionQueue } from '../../../../sandbox/host/questions/question-queue.ts'
import { QUEUED_CHARS, TELLERS_QUEUED } from '../../../../sandbox/limits.ts'
import { numbered } from '../../../support/question.ts'

test('what came back goes first, then questions, then what is told', () => {
  const queue = new QuestionQueue(8)
  queue.tell(numbered(3))
  queue.ask(numbered(2))
  queue.giveBack(numbered(1))
  assert.deepEqual(
    [queue.shift(), queue.shift(), queue.shift()].map((each) => each?.slot),
    [1, 2, 3],
  )
  assert.equal(queue.length, 0)
})

test('a full queue takes no question', () => {
  const queue = new QuestionQueue(2)
  assert.deepEqual(
    [1, 2, 3].map((slot) => queue.ask(numbered(slot))),
    [true, true, false],
  )
})

test('past their bound the oldest teller goes, counted', () => {
  const queue = new QuestionQueue(2)
  for (let slot = 0; slot < TELLERS_QUEUED + 3; slot += 1) queue.tell(numbered(slot))
  assert.equal(queue.dropped, 3)
  assert.equal(queue.shift()?.slot, 3)
})

test('it is congested above three quarters, until it is below one quarter', () => {
  const queue = new QuestionQueue(8)
  for (let slot = 0; slot < 6; slot += 1) queue.ask(numbered(slot))
  assert.equal(queue.congested, false)
  queue.ask(numbered(6))
  assert.equal(queue.congested, true)
  while (queue.length > 2) queue.shift()
  assert.equal(queue.congested, true)
  queue.shift()
  assert.equal(queue.congested, false)
})

test('what is asked of one hook can be dropped, and the others keep their order', () => {
  const queue = new QuestionQueue(8)
  queue.giveBack(numbered(1, { hook: 63 }))
  queue.giveBack(numbered(2))
  for (const slot of [3, 4, 5]) queue.ask(numbered(slot, { hook: slot === 4 ? 63 : 1 }))
  queue.drop(63)
  assert.deepEqual(
    [queue.shift(), queue.shift(), queue.shift(), queue.shift()].map((each) => each?.slot),
    [2, 3, 5, undefined],
  )
})

test('long events push the oldest tellers out before their number does', () => {
  const queue = new QuestionQueue(8)
  const event = 'x'.repeat(QUEUED_CHARS.told / 4)
  for (let slot = 0; slot < 7; slot += 1) queue.tell(numbered(slot, { event }))
  assert.equal(queue.dropped, 3)
  assert.equal(queue.length, 4)
  assert.equal(queue.shift()?.slot, 3)
  queue.tell(numbered(7, { event: 'x'.repeat(QUEUED_CHARS.told + 1) }))
  assert.deepEqual([queue.shift()?.slot, queue.length], [7, 0])
})

test('long questions congest a queue, then fill it; one that is alone always fits', () => {
  const queue = new QuestionQueue(1024)
  assert.equal(queue.ask(numbered(0, { event: 'x'.repeat(QUEUED_CHARS.asked + 1) })), true)
  assert.equal(queue.ask(numbered(1)), false)
  assert.equal(queue.congested, true)
  assert.deepEqual([queue.shift()?.slot, queue.congested], [0, false])
  const event = 'x'.repeat(QUEUED_CHARS.asked / 8)
  for (let slot = 0; slot < 6; slot += 1) queue.ask(numbered(slot, { event }))
  assert.equal(queue.congested, false)
  assert.deepEqual(
    [6, 7, 8].map((slot) => queue.ask(numbered(slot, { event }))),
    [true, true, false],
  )
  for (let left = 6; left > 0; left -= 1) queue.shift()
  assert.equal(queue.congested, true)
  queue.shift()
  assert.equal(queue.congested, false)
  queue.drop(numbered(0).hook)
  assert.equal(queue.ask(numbered(9, { event: 'x'.repeat(QUEUED_CHARS.asked) })), true)
})
