import type { Outcome } from '../../outcome.ts'
import { FRAME, type FrameOutcome } from '../../wire/messages.ts'
import type { Job, Judging, LostOutcome } from '../cells/job.ts'
import { type RawSide, readAnswers } from './answers.ts'
import { type Effects, readEffects } from './effects.ts'

/** Who is told what became of those that go on. */
export interface ResumeSink {
  /** Says false when no guest of ours would say this. */
  heard(side: RawSide, effects: Effects, questions: number): Judging
  /** The isolate is gone: whoever waits is to be answered, and somebody to be told if nobody waits. */
  strayed(outcome: Outcome, detail: string): void
  /** Whose questions wait, if they are of one source; see `AnswerSink.struck`. */
  readonly sourceOfWaiting: string | undefined
  struck(source: string | undefined, outcome: Outcome): void
  suspected(): void
  /** Whoever may be going on with this frame is to be answered now. */
  overdue(): void
}

/** What capability calls came to, on its way to those that wait for it. */
export class ResumeFrame implements Job {
  readonly type: number = FRAME.resume
  readonly instance: number
  readonly generation: number
  readonly count: number
  readonly allowanceMs: number
  readonly #sink: ResumeSink
  /** Whose questions waited, once they were answered by the clock. */
  #late: { readonly source: string | undefined } | undefined

  constructor(sink: ResumeSink, instance: number, generation: number, allowanceMs: number, count: number) {
    this.#sink = sink
    this.instance = instance
    this.generation = generation
    this.allowanceMs = allowanceMs
    this.count = count
  }

  *done(outcome: FrameOutcome, body: string): Judging {
    // it was not begun because its isolate is gone: those that waited in it were answered then
    if (outcome === 'not-begun') return true
    // what waits goes on, however full its isolate is
    if (outcome === 'full') return false
    if (outcome !== 'done') {
      if (outcome === 'timeout' || outcome === 'memory') this.#strike(outcome)
      this.#sink.strayed(outcome, body)
      return true
    }
    const answers = readAnswers(body, 0)
    if (answers === undefined) return false
    if (answers.side === null) return true
    const effects = readEffects(answers.side.effects)
    return effects !== undefined && (yield* this.#sink.heard(answers.side, effects, 0))
  }

  overdue(): void {
    this.#sink.suspected()
    // no strike yet: on a loaded machine it may come to its end after all
    this.#late = { source: this.#sink.sourceOfWaiting }
    this.#sink.overdue()
  }

  lost(atWork: boolean, outcome: LostOutcome): void {
    if (!atWork) return
    this.#sink.suspected()
    this.#strike(this.#late === undefined ? outcome : 'deadline')
  }

  #strike(outcome: Outcome): void {
    this.#sink.struck(this.#late === undefined ? this.#sink.sourceOfWaiting : this.#late.source, outcome)
  }
}
