import { FRAME_KIB, FRAME_QUESTIONS } from '../limits.ts'
import type { Outcome } from '../outcome.ts'
import { DEFINE, FORGET, FRAME, type FrameOutcome } from '../wire/messages.ts'
import { readAnswers } from './answers.ts'
import type { Job, LostOutcome } from './job.ts'
import type { Question } from './question.ts'
import type { QuestionQueue } from './question-queue.ts'
import type { SubjectTable } from './subject-table.ts'

/** Who is told what the frame's answers mean for the plugin as a whole, and each of its questions. */
export interface AnswerSink {
  /** The outcome of one question; `raw` is what the plugin answered, if it is `ok`. */
  answered(question: Question, outcome: Outcome, raw: unknown): void
  /** The isolate ran into a limit with this frame and is gone. The questions are answered already. */
  condemned(): void
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
  logged(lines: readonly unknown[], dropped: number): void
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
    if (outcome === 'timeout' || outcome === 'memory')
      this.#sink.struck((this.#late ?? sourceOf(questions)).source, outcome)
    if (outcome === 'not-begun') for (const question of questions) this.#sink.giveBack(question)
    else this.#answerAll(questions, outcome, body)
    if (outcome === 'timeout' || outcome === 'memory') this.#sink.condemned()
    return true
  }

  overdue(): void {
    this.#sink.suspected()
    const questions = this.#questions
    this.#questions = NONE
    // no strike yet: on a loaded machine it may come to its end after all
    this.#late = sourceOf(questions)
    this.#answerAll(questions, 'deadline', 'the cell did not answer in time')
  }

  lost(atWork: boolean, outcome: LostOutcome): void {
    const questions = this.#questions
    this.#questions = NONE
    if (atWork) {
      this.#sink.suspected()
      if (this.#late === undefined) this.#sink.struck(sourceOf(questions).source, outcome)
      else this.#sink.struck(this.#late.source, 'deadline')
    }
    this.#answerAll(questions, outcome, 'the cell ended')
  }

  #answerAll(questions: readonly Question[], outcome: Outcome, detail: string): void {
    for (const question of questions) this.#sink.answered(question, outcome, detail)
  }

  /** `questions` is empty when the frame was overdue: its answers come too late, its log lines do not. */
  #read(questions: readonly Question[], body: string): boolean {
    const answers = readAnswers(body, this.count)
    if (answers === undefined) return false
    for (let index = 0; index < questions.length; index += 1) {
      const question = questions[index] as Question
      const answer = answers.each[index]
      if (answer === -1) this.#sink.giveBack(question)
      else this.#sink.answered(question, 'ok', answer)
    }
    if (answers.lines.length > 0 || answers.dropped > 0) this.#sink.logged(answers.lines, answers.dropped)
    return true
  }
}

const NONE: readonly Question[] = []

function sourceOf(questions: readonly Question[]): { readonly source: string | undefined } {
  const source = questions[0]?.source
  return { source: questions.every((question) => question.source === source) ? source : undefined }
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
