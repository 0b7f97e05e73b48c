import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QuestionQueue } from '../../../sandbox/host/question-queue.ts'
import { TELLERS_QUEUED } from '../../../sandbox/limits.ts'
import { numbered } from '../../support/question.ts'

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
