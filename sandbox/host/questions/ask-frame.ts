import { WORK_TURNS } from '../../../src/base/limits.ts'
import { ANSWER_COST, FRAME_KIB, FRAME_QUESTIONS, QUESTION_RETURNS, VERDICT_COST } from '../../limits.ts'
import type { Outcome } from '../../outcome.ts'
import { DEFINE, FORGET, FRAME, type FrameOutcome } from '../../wire/messages.ts'
import type { Job, Judging, LostOutcome } from '../cells/job.ts'
import { type RawSide, readAnswers } from './answers.ts'
import { type Effects, readEffects } from './effects.ts'
import type { Question } from './question.ts'
import type { QuestionQueue } from './question-queue.ts'
import type { SubjectTable } from './subject-table.ts'

/** Who is told what the frame's answers mean for the plugin as a whole, and each of its questions. */
export interface AnswerSink {
  /**
   * The outcome of one question; `raw` is what the plugin answered, if it is `ok`.
   *
   * @param place of the answer in its frame, and the frame's effects: those of this place may happen now.
   */
  answered(question: Question, outcome: Outcome, raw: unknown, place: number, effects: Effects | null): void
  /**
   * The question waits for capability calls under this number; null: it was answered by policy meanwhile.
   *
   * @returns false when no guest of ours would say this.
   */
  waits(question: Question | null, number: unknown): boolean
  /** What came beside the answers of so many questions; says what `waits` does. */
  heard(side: RawSide, effects: Effects, questions: number): Judging
  /** The isolate ran into a limit with this frame and is gone. The questions are answered already. */
  condemned(outcome: Outcome, detail: string): void
  /**
   * A strike: it ran into a limit, or took its cell along.
   *
   * @param source whose questions these were, '' for nobody's; undefined: several sources', so that who did
   * it is not known.
   */
  struck(source: string | undefined, outcome: Outcome): void
  /** It may be this plugin that brought its cell to an end, or will. */
  suspected(): void
  giveBack(question: Question): void
  /** The isolate's heap stays nearly full: it begins nothing new, and is to be made anew. */
  full(): void
}

/** Questions that travel together. */
export class AskFrame implements Job {
  readonly type: number = FRAME.ask
  readonly instance: number
  readonly generation: number
  readonly allowanceMs: number
  readonly #sink: AnswerSink
  /** Empty once they are answered. */
  #questions: readonly Question[]
  readonly count: number
  /** Whose they were, once they were answered by the clock. */
  #late: { readonly source: string | undefined } | undefined

  constructor(
    sink: AnswerSink,
    instance: number,
    generation: number,
    allowanceMs: number,
    questions: readonly Question[],
  ) {
    this.#sink = sink
    this.instance = instance
    this.generation = generation
    this.allowanceMs = allowanceMs
    this.#questions = questions
    this.count = questions.length
  }

  *done(outcome: FrameOutcome, body: string): Judging {
    const questions = this.#questions
    this.#questions = NONE
    if (outcome === 'done') return yield* this.#read(questions, body)
    if (outcome === 'not-begun') return this.#giveBackAll(questions)
    if (outcome === 'full') {
      this.#sink.full()
      return this.#giveBackAll(questions)
    }
    if (outcome === 'timeout' || outcome === 'memory')
      this.#sink.struck(this.#late === undefined ? sourceOf(questions) : this.#late.source, outcome)
    this.#answerAll(questions, outcome, body)
    this.#sink.condemned(outcome, body)
    return true
  }

  overdue(): void {
    this.#sink.suspected()
    const questions = this.#questions
    this.#questions = NONE
    // no strike yet: on a loaded machine it may come to its end after all
    this.#late = { source: sourceOf(questions) }
    this.#answerAll(questions, 'deadline', 'the cell did not answer in time')
  }

  lost(atWork: boolean, outcome: LostOutcome): void {
    const questions = this.#questions
    this.#questions = NONE
    if (atWork) {
      this.#sink.suspected()
      if (this.#late === undefined) this.#sink.struck(sourceOf(questions), outcome)
      else this.#sink.struck(this.#late.source, 'deadline')
    }
    this.#answerAll(questions, outcome, ENDED)
  }

  #giveBackAll(questions: readonly Question[]): boolean {
    for (let index = 0; index < questions.length; index += 1) {
      if (this.#giveBack(questions[index] as Question)) continue
      this.#answerAll(questions, 'crash', HOSTILE, index)
      return false
    }
    return true
  }

  /** @returns false when it came back so often that no cell of ours is there. */
  #giveBack(question: Question): boolean {
    question.returned += 1
    if (question.returned > QUESTION_RETURNS) return false
    this.#sink.giveBack(question)
    return true
  }

  #answerAll(questions: readonly Question[], outcome: Outcome, detail: string, from = 0): void {
    for (let index = from; index < questions.length; index += 1) {
      this.#sink.answered(questions[index] as Question, outcome, detail, index, null)
    }
  }

  /** `questions` is empty when the frame was overdue: its answers come too late, what is beside them not. */
  *#read(questions: readonly Question[], body: string): Judging {
    const answers = readAnswers(body, this.count)
    const side = answers?.side ?? null
    const effects = side === null ? null : readEffects(side.effects)
    if (answers === undefined || effects === undefined) {
      this.#sink.struck(sourceOf(questions), 'crash')
      this.#answerAll(questions, 'crash', HOSTILE)
      return false
    }
    if (!(yield* this.#takeEach(questions, answers.each, effects))) return false
    return side === null || effects === null || (yield* this.#sink.heard(side, effects, this.count))
  }

  *#takeEach(questions: readonly Question[], each: readonly unknown[], effects: Effects | null): Judging {
    let [taken, cost, why] = [0, 0, ENDED]
    try {
      while (taken < each.length) {
        const answer = each[taken]
        if (!this.#take(questions, answer, taken, effects)) {
          why = HOSTILE
          return false
        }
        taken += 1
        cost += typeof answer === 'string' ? VERDICT_COST + answer.length : ANSWER_COST
        if (cost < WORK_TURNS.lookCost) continue
        yield cost
        cost = 0
      }
      return true
    } finally {
      // given up between two steps: what the others might wait for has ended with the cell
      this.#answerAll(questions, 'crash', why, taken)
    }
  }

  /** @returns false when no guest of ours would answer like this: the question is not answered. */
  #take(questions: readonly Question[], answer: unknown, place: number, effects: Effects | null): boolean {
    const question = questions[place]
    if (Array.isArray(answer)) {
      if (answer.length === 1 && this.#sink.waits(question ?? null, answer[0])) return true
      this.#sink.struck(sourceOf(questions), 'crash')
      return false
    }
    if (question === undefined) return true
    if (answer === -1) return this.#giveBack(question)
    this.#sink.answered(question, 'ok', answer, place, effects)
    return true
  }
}

const ENDED = 'the cell ended'
const HOSTILE = 'the cell sent what no cell sends'
const NONE: readonly Question[] = []

/** Undefined: of several. */
function sourceOf(questions: readonly Question[]): string | undefined {
  const source = questions[0]?.source
  return questions.every((question) => question.source === source) ? source : undefined
}

/** A frame's questions, and its body. */
export interface FrameText {
  readonly questions: readonly Question[]
  readonly body: string
}

/**
 * Takes the next questions off the queue, as many as a frame holds, and writes its body. Events are JSON
 * already and pass through as they are; a subject that the isolate does not know is defined in front of its
 * question.
 */
export function takeFrame(queue: QuestionQueue, subjects: SubjectTable, atMost: number): FrameText {
  const questions: Question[] = []
  let body = ''
  for (const ref of subjects.takeForgotten()) body += `,${FORGET},${ref},0`
  const most = Math.min(atMost, FRAME_QUESTIONS)
  while (questions.length < most) {
    const question = queue.peek()
    if (question === undefined) break
    if (questions.length > 0 && body.length + question.event.length > FRAME_CHARS) break
    queue.shift()
    questions.push(question)
    const subject = question.subject
    if (subject === null) {
      body += `,${question.hook},0,${question.event}`
    } else {
      if (subjects.define(subject)) body += `,${DEFINE},${subject.ref},${subject.json}`
      body += `,${question.hook},${subject.ref},${question.event}`
    }
  }
  return { questions, body: `[${body.slice(1)}]` }
}

const FRAME_CHARS = FRAME_KIB * 1024
