import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES } from '../../../sandbox/outcome.ts'
import { HOOKS } from '../../../sandbox/sdk/hooks.ts'
import {
  ANSWERED_BY,
  FRAME,
  FRAME_OUTCOMES,
  hookOf,
  SHORT_PUBLISH,
  shortFlags,
} from '../../../sandbox/wire/messages.ts'

test('each frame of the host has one kind of answer, and no number means two things', () => {
  const types = Object.values(FRAME)
  assert.equal(new Set(types).size, types.length)
  const asked = Object.keys(ANSWERED_BY).map(Number)
  const answers = Object.values(ANSWERED_BY)
  assert.deepEqual(new Set([...asked, ...answers]), new Set(types))
  assert.equal(new Set(answers).size, answers.length)
})

test('the outcomes of a frame are words of outcome.ts, but for those that concern the frame alone', () => {
  const words: readonly string[] = OUTCOMES
  assert.deepEqual(
    FRAME_OUTCOMES.filter((outcome) => !words.includes(outcome)),
    ['done', 'not-begun', 'full'],
  )
})

test('a question’s number means one hook; the short form’s numbers lie beyond all hooks', () => {
  HOOKS.forEach((hook, number) => assert.equal(hookOf(number), hook))
  assert.ok(SHORT_PUBLISH >= HOOKS.length)
  const flags = ([0, 1, 2] as const).flatMap((qos) => [shortFlags(qos, false), shortFlags(qos, true)])
  assert.deepEqual(flags, [0, 1, 2, 3, 4, 5])
  for (const flag of flags) assert.equal(hookOf(SHORT_PUBLISH + flag), 'authorizePublish')
})
