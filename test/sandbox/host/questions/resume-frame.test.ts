import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeAtOnce, type Judging } from '../../../../sandbox/host/cells/job.ts'
import type { RawSide } from '../../../../sandbox/host/questions/answers.ts'
import type { Effects } from '../../../../sandbox/host/questions/effects.ts'
import { ResumeFrame } from '../../../../sandbox/host/questions/resume-frame.ts'
import { FRAME } from '../../../../sandbox/wire/messages.ts'

function stage(believes = true): { frame: ResumeFrame; told: unknown[] } {
  const told: unknown[] = []
  const sink = {
    *heard(side: RawSide, effects: Effects, questions: number): Judging {
      yield 1
      told.push(['heard', side.settled, effects.size, questions])
      return believes
    },
    strayed: (...args: unknown[]) => void told.push(['strayed', ...args]),
    sourceOfWaiting: 'client ann',
    struck: (...args: unknown[]) => void told.push(['struck', ...args]),
    suspected: () => void told.push('suspected'),
    overdue: () => void told.push('overdue'),
  }
  return { frame: new ResumeFrame(sink, 3, 4, 150, 2), told }
}

test('it is a resume frame of its instance and generation', () => {
  const { type, instance, generation, allowanceMs, count } = stage().frame
  assert.deepEqual([type, instance, generation, allowanceMs, count], [FRAME.resume, 3, 4, 150, 2])
})

test('what settled is heard, with the effects, and no question of its own', () => {
  const { frame, told } = stage()
  assert.equal(judgeAtOnce(frame.done('done', '{"a":[],"s":[1,3],"x":[[-2,"publish","{}"]]}')), true)
  assert.deepEqual(told, [['heard', [1, 3], 1, 0]])
  assert.equal(judgeAtOnce(stage().frame.done('done', '[]')), true)
})

test('what no guest of ours writes is refused', () => {
  for (const body of ['', '[1]', '{"a":[1]}', '{"a":[],"s":[1]}', '{"a":[],"x":[1]}', 'null']) {
    const { frame, told } = stage()
    assert.equal(judgeAtOnce(frame.done('done', body)), false, body)
    assert.deepEqual(told, [])
  }
  assert.equal(judgeAtOnce(stage(false).frame.done('done', '{"a":[],"s":[9,1]}')), false)
})

test('a limit condemns the isolate; one that was gone already has been mourned', () => {
  const { frame, told } = stage()
  assert.equal(judgeAtOnce(frame.done('timeout', '')), true)
  assert.deepEqual(told, [
    ['struck', 'client ann', 'timeout'],
    ['strayed', 'timeout', ''],
  ])
  const gone = stage()
  assert.equal(judgeAtOnce(gone.frame.done('not-begun', '')), true)
  assert.deepEqual(gone.told, [])
})

test('an overdue one answers whoever may go on with it; a lost one was to blame if the cell was at it', () => {
  const { frame, told } = stage()
  frame.overdue()
  assert.deepEqual(told, ['suspected', 'overdue'])
  const lost = stage()
  lost.frame.lost(false, 'crash')
  assert.deepEqual(lost.told, [])
  lost.frame.lost(true, 'crash')
  assert.deepEqual(lost.told, ['suspected', ['struck', 'client ann', 'crash']])
  frame.lost(true, 'crash')
  assert.deepEqual(told.at(-1), ['struck', 'client ann', 'deadline'])
})

test('that an isolate is too full to go on is what no cell of ours says', () => {
  const { frame, told } = stage()
  assert.equal(judgeAtOnce(frame.done('full', '')), false)
  assert.deepEqual(told, [])
})
