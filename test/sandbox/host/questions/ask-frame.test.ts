import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { judgeAtOnce, type Judging } from '../../../../sandbox/host/cells/job.ts'
import type { RawSide } from '../../../../sandbox/host/questions/answers.ts'
import { type AnswerSink, AskFrame, takeFrame } from '../../../../sandbox/host/questions/ask-frame.ts'
import type { Question } from '../../../../sandbox/host/questions/question.ts'
import { QuestionQueue } from '../../../../sandbox/host/questions/question-queue.ts'
import { SubjectTable } from '../../../../sandbox/host/questions/subject-table.ts'
import { Subjects } from '../../../../sandbox/host/questions/subjects.ts'
import { ANSWER_COST, FRAME_KIB, FRAME_QUESTIONS, QUESTION_RETURNS } from '../../../../sandbox/limits.ts'
import { DEFINE, FORGET } from '../../../../sandbox/wire/messages.ts'
import { WORK_TURNS } from '../../../../src/base/limits.ts'

const numbered = (slot: number, event = '{}'): Question => {
  return {
    hook: 1,
    subject: null,
    event,
    asker: null,
    slot,
    source: '',
    hops: 0,
    since: 0,
    askedAt: 0,
    returned: 0,
  }
}

class Recorder implements AnswerSink {
  readonly told: unknown[][] = []
  answered = (question: Question, outcome: string, raw: unknown): void =>
    void this.told.push([question.slot, outcome, raw])
  struck = (source: string | undefined, outcome: string): void =>
    void this.told.push(['struck', source, outcome])
  condemned = (outcome: string): void => void this.told.push(['condemned', outcome])
  suspected = (): void => void this.told.push(['suspected'])
  giveBack = (question: Question): void => void this.told.push([question.slot, 'back'])
  full = (): void => void this.told.push(['full'])
  waits = (question: Question | null, number: unknown): boolean => {
    this.told.push([question?.slot ?? 'late', 'waits', number])
    return number === 7
  };
  *heard({ lines, dropped }: RawSide): Judging {
    this.told.push(['heard', lines, dropped])
    yield 1
    return true
  }
}

function frameOf(count: number): { frame: AskFrame; told: unknown[][] } {
  const recorder = new Recorder()
  const questions = Array.from({ length: count }, (_, slot) => numbered(slot))
  return { frame: new AskFrame(recorder, 1, 1, 150, questions), told: recorder.told }
}

test('each answer goes to its question, what had not begun goes back', () => {
  const { frame, told } = frameOf(3)
  assert.equal(judgeAtOnce(frame.done('done', '[1,-1,{"verdict":"deny"}]')), true)
  assert.deepEqual(told, [
    [0, 'ok', 1],
    [1, 'back'],
    [2, 'ok', { verdict: 'deny' }],
  ])
})

/** Of a verdict that is a step of its own. */
const LONG = 'x'.repeat(WORK_TURNS.lookCost)

test('a frame that says much is judged in steps; given up between two, it answers the rest as a crash', () => {
  const verdict = JSON.stringify(JSON.stringify({ verdict: 'deny', note: LONG }))
  const { frame, told } = frameOf(3)
  const judging = frame.done('done', `[1,${verdict},${verdict}]`)
  assert.equal(judging.next().done, false)
  assert.deepEqual(
    told.map(([slot, outcome]) => [slot, outcome]),
    [
      [0, 'ok'],
      [1, 'ok'],
    ],
  )
  judging.return(true)
  assert.deepEqual(told.slice(2), [[2, 'crash', 'the cell ended']])
})

test('plain answers are no more than one step, however many a frame holds', () => {
  const { frame } = frameOf(FRAME_QUESTIONS)
  const steps = [...frame.done('done', JSON.stringify(new Array(FRAME_QUESTIONS).fill(1)))]
  assert.deepEqual(steps, [FRAME_QUESTIONS * ANSWER_COST])
})

test('a frame that ran into a limit answers all its questions, and condemns the isolate', () => {
  const { frame, told } = frameOf(2)
  judgeAtOnce(frame.done('timeout', ''))
  assert.deepEqual(told, [
    ['struck', '', 'timeout'],
    [0, 'timeout', ''],
    [1, 'timeout', ''],
    ['condemned', 'timeout'],
  ])
})

test('answers that come after the deadline are dropped, their log lines and the limit are not', () => {
  const { frame, told } = frameOf(1)
  frame.overdue()
  told.length = 0
  assert.equal(judgeAtOnce(frame.done('done', '{"a":[1],"l":[["info","x"]]}')), true)
  assert.deepEqual(told, [['heard', [['info', 'x']], 0]])
  const other = frameOf(1)
  other.frame.overdue()
  other.told.length = 0
  judgeAtOnce(other.frame.done('memory', ''))
  assert.deepEqual(other.told, [
    ['struck', '', 'memory'],
    ['condemned', 'memory'],
  ])
})

function strikeOf(...sources: readonly string[]): unknown {
  const recorder = new Recorder()
  const questions = sources.map((source, slot) => ({ ...numbered(slot), source }))
  judgeAtOnce(new AskFrame(recorder, 1, 1, 150, questions).done('timeout', ''))
  return recorder.told[0]
}

test('a strike is charged to the source of all its questions, and to nobody if there are several', () => {
  assert.deepEqual(strikeOf('alice'), ['struck', 'alice', 'timeout'])
  assert.deepEqual(strikeOf('alice', 'alice'), ['struck', 'alice', 'timeout'])
  assert.deepEqual(strikeOf('alice', 'bob'), ['struck', undefined, 'timeout'])
})

test('a deadline is a strike once the cell had to be killed for it, not if it came to an end after all', () => {
  const killed = frameOf(1)
  killed.frame.overdue()
  assert.equal(
    killed.told.some(([word]) => word === 'struck'),
    false,
  )
  killed.frame.lost(true, 'crash')
  assert.deepEqual(killed.told.at(-1), ['struck', '', 'deadline'])
  const innocent = frameOf(1)
  innocent.frame.overdue()
  judgeAtOnce(innocent.frame.done('done', '[1]'))
  assert.equal(
    innocent.told.some(([word]) => word === 'struck'),
    false,
  )
})

test('a frame that had not begun when its cell ended is no strike', () => {
  const { frame, told } = frameOf(1)
  frame.lost(false, 'crash')
  assert.deepEqual(told, [[0, 'crash', 'the cell ended']])
})

test('a wrong number of answers is refused, and who asked is answered', () => {
  const { frame, told } = frameOf(2)
  assert.equal(judgeAtOnce(frame.done('done', '[1]')), false)
  assert.deepEqual(
    told.map(([slot, outcome]) => [slot, outcome]),
    [
      ['struck', ''],
      [0, 'crash'],
      [1, 'crash'],
    ],
  )
})

test('a list with a number is no answer: its question waits under it', () => {
  const { frame, told } = frameOf(2)
  assert.equal(judgeAtOnce(frame.done('done', '[[7],1]')), true)
  assert.deepEqual(told, [
    [0, 'waits', 7],
    [1, 'ok', 1],
  ])
})

test('a number that cannot be is hostile: this question and those behind it are answered by policy', () => {
  for (const body of ['[1,[9],1]', '[1,[7,7],1]', '[1,[],1]']) {
    const { frame, told } = frameOf(3)
    assert.equal(judgeAtOnce(frame.done('done', body)), false)
    const answered = told
      .filter(([slot, word]) => word !== 'waits' && slot !== 'struck')
      .map(([slot, word]) => [slot, word])
    assert.deepEqual(answered, [
      [0, 'ok'],
      [1, 'crash'],
      [2, 'crash'],
    ])
  }
})

test('what waits after the deadline is known to be waited for by nobody', () => {
  const { frame, told } = frameOf(1)
  frame.overdue()
  told.length = 0
  assert.equal(judgeAtOnce(frame.done('done', '[[7]]')), true)
  assert.deepEqual(told, [['late', 'waits', 7]])
})

test('whatever happens to a frame, each question is answered or goes back exactly once', () => {
  const event = fc.constantFrom('late', 'done', 'cut', 'timeout', 'not-begun', 'lost')
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(event, { maxLength: 2 }), (count, events) => {
      const { frame, told } = frameOf(count)
      let ended = false
      for (const each of events) {
        if (ended) break
        if (each === 'late') frame.overdue()
        else if (each === 'lost') frame.lost(true, 'crash')
        else if (each === 'done') judgeAtOnce(frame.done('done', `[${Array(count).fill('1').join()}]`))
        else if (each === 'cut') {
          const judging = frame.done('done', JSON.stringify(new Array(count).fill(`{${LONG}}`)))
          judging.next()
          judging.return(true)
        } else judgeAtOnce(frame.done(each, ''))
        ended = each !== 'late'
      }
      if (!ended) frame.lost(false, 'crash')
      const slots = told.map(([slot]) => slot).filter((slot) => typeof slot === 'number')
      assert.equal(slots.length, count)
      assert.deepEqual(new Set(slots), new Set(Array.from({ length: count }, (_, slot) => slot)))
    }),
  )
})

test('a body defines a subject before its question, once, and forgets those that are gone', () => {
  const queue = new QuestionQueue(8)
  const table = new SubjectTable()
  const client = new Subjects().add('{"clientId":"c"}', '')
  for (const slot of [0, 1]) queue.ask({ ...numbered(slot), subject: client })
  assert.equal(takeFrame(queue, table, 64).body, `[${DEFINE},1,{"clientId":"c"},1,1,{},1,1,{}]`)
  client.release()
  queue.ask(numbered(2))
  assert.equal(takeFrame(queue, table, 64).body, `[${FORGET},1,0,1,0,{}]`)
})

test('a frame holds as many questions and as much text as it may, and one question at least', () => {
  const queue = new QuestionQueue(1024)
  for (let slot = 0; slot < 100; slot += 1) queue.ask(numbered(slot))
  assert.equal(takeFrame(queue, new SubjectTable(), 1).questions.length, 1)
  assert.equal(
    takeFrame(queue, new SubjectTable(), Number.POSITIVE_INFINITY).questions.length,
    FRAME_QUESTIONS,
  )
  const large = new QuestionQueue(8)
  const event = JSON.stringify({ payload64: 'x'.repeat(FRAME_KIB * 700) })
  for (let slot = 0; slot < 3; slot += 1) large.ask(numbered(slot, event))
  assert.equal(takeFrame(large, new SubjectTable(), 64).questions.length, 1)
})

test('a question that comes back without end is answered as by a cell that died', () => {
  const sink = new Recorder()
  const again = numbered(0)
  for (let round = 0; round < QUESTION_RETURNS; round += 1) {
    assert.equal(judgeAtOnce(new AskFrame(sink, 1, 1, 100, [again]).done('done', '[-1]')), true)
  }
  assert.equal(judgeAtOnce(new AskFrame(sink, 1, 1, 100, [again]).done('not-begun', '')), false)
  assert.deepEqual(sink.told.at(-1)?.slice(0, 2), [0, 'crash'])
})

test('the questions that a full isolate did not begin go back, and its plugin is told; nobody is struck', () => {
  const { frame, told } = frameOf(2)
  assert.equal(judgeAtOnce(frame.done('full', '')), true)
  assert.deepEqual(told, [['full'], [0, 'back'], [1, 'back']])
})
