import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES } from '../../../sandbox/outcome.ts'
import { ANSWERED_BY, FRAME, FRAME_OUTCOMES } from '../../../sandbox/wire/messages.ts'

test('each frame of the host has one kind of answer, and no number means two things', () => {
  const types = Object.values(FRAME)
  assert.equal(new Set(types).size, types.length)
  const asked = Object.keys(ANSWERED_BY).map(Number)
  const answers = Object.values(ANSWERED_BY)
  assert.deepEqual(new Set([...asked, ...answers]), new Set(types))
  assert.equal(new Set(answers).size, answers.length)
})

test('the outcomes of a frame are words of outcome.ts, but for the two that concern the frame alone', () => {
  const words: readonly string[] = OUTCOMES
  assert.deepEqual(
    FRAME_OUTCOMES.filter((outcome) => !words.includes(outcome)),
    ['done', 'not-begun'],
  )
})
