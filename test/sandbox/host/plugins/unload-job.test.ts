import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeAtOnce, type Judging } from '../../../../sandbox/host/cells/job.ts'
import { UnloadJob } from '../../../../sandbox/host/plugins/unload-job.ts'
import type { RawSide } from '../../../../sandbox/host/questions/answers.ts'
import type { Effects } from '../../../../sandbox/host/questions/effects.ts'
import type { Question } from '../../../../sandbox/host/questions/question.ts'
import type { Outcome } from '../../../../sandbox/outcome.ts'

function stage(): { job: UnloadJob; lines: unknown[]; answers: unknown[]; unloaded: () => number } {
  const lines: unknown[] = []
  const answers: unknown[] = []
  let unloaded = 0
  const sink = {
    answered: ({ asker }: Question, outcome: Outcome, raw: unknown, place: number, effects: Effects | null) =>
      void answers.push([asker, outcome, raw, effects?.get(place)]),
    struck: () => assert.fail(),
    condemned: () => assert.fail(),
    suspected: () => assert.fail(),
    giveBack: () => assert.fail(),
    full: () => assert.fail(),
    waits: () => assert.fail(),
    *heard(side: RawSide): Judging {
      yield 1
      return lines.push(...side.lines) > 0
    },
  }
  const job = new UnloadJob(sink, 1, 1, () => {
    unloaded += 1
  })
  return { job, lines, answers, unloaded: () => unloaded }
}

test('the last log lines of a plugin are kept, with or without an onClose', () => {
  const { job, lines } = stage()
  assert.equal(judgeAtOnce(job.done('done', '{"a":[0],"l":[["info","bye"]]}')), true)
  assert.deepEqual(lines, [['info', 'bye']])
  assert.equal(judgeAtOnce(stage().job.done('done', '[]')), true)
})

test('however else it ends, there is nothing to do; what no guest writes is refused', () => {
  assert.equal(judgeAtOnce(stage().job.done('timeout', '')), true)
  assert.equal(judgeAtOnce(stage().job.done('not-begun', '')), true)
  assert.equal(judgeAtOnce(stage().job.done('done', '[0,0]')), false)
})

test('what onClose leaves to be done is handed on with its answer', () => {
  const { job, answers, lines } = stage()
  assert.equal(judgeAtOnce(job.done('done', '{"a":[0],"l":[["info","bye"]],"x":[[0,"publish","{}"]]}')), true)
  assert.deepEqual(answers, [[null, 'ok', 0, [{ power: 'publish', argument: '{}' }]]])
  assert.equal(lines.length, 1)
  assert.equal(judgeAtOnce(stage().job.done('done', '{"a":[0],"x":[1]}')), false)
})

test('who waits for its end is told of it once the last words are heard, and not of what no guest writes', () => {
  for (const [outcome, body, times] of [
    ['done', '[0]', 1],
    ['not-begun', '', 1],
    ['timeout', '', 1],
    ['done', '[0,0]', 0],
  ] as const) {
    const { job, unloaded } = stage()
    judgeAtOnce(job.done(outcome, body))
    assert.equal(unloaded(), times, outcome)
  }
})
