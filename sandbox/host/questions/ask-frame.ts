import { FRAME_KIB, FRAME_QUESTIONS, QUESTION_RETURNS } from '../../limits.ts'
import type { Outcome } from '../../outcome.ts'
import { DEFINE, FORGET, FRAME, type FrameOutcome } from '../../wire/messages.ts'
import type { Job, LostOutcome } from '../cells/job.ts'
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
  /** What came beside the answers of so many questions. @returns as `waits` does. */
  heard(side: RawSide, effects: Effects, questions: number): boolean
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

  done(outcome: FrameOutcome, body: string): boolean {
    const questions = this.#questions
    this.#questions = NONE
    if (outcome === 'done') return this.#read(questions, body)
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
    this.#answerAll(questions, outcome, 'the cell ended')
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
  #read(questions: readonly Question[], body: string): boolean {
    const answers = readAnswers(body, this.count)
    const side = answers?.side ?? null
    const effects = side === null ? null : readEffects(side.effects)
    if (answers === undefined || effects === undefined) {
      this.#sink.struck(sourceOf(questions), 'crash')
      this.#answerAll(questions, 'crash', HOSTILE)
      return false
    }
    for (let index = 0; index < this.count; index += 1) {
      const answer = answers.each[index]
      const question = questions[index]
      if (Array.isArray(answer)) {
        if (answer.length === 1 && this.#sink.waits(question ?? null, answer[0])) continue
        this.#sink.struck(sourceOf(questions), 'crash')
        this.#answerAll(questions, 'crash', HOSTILE, index)
        return false
      }
      if (question === undefined) continue
      if (answer === -1) {
        if (this.#giveBack(question)) continue
        this.#answerAll(questions, 'crash', HOSTILE, index)
        return false
      }
      this.#sink.answered(question, 'ok', answer, index, effects)
    }
    return side === null || effects === null || this.#sink.heard(side, effects, this.count)
  }
}

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
