import { CLOSE_MS } from '../limits.ts'
import { FRAME, type FrameOutcome } from '../wire/messages.ts'
import { readAnswers } from './answers.ts'
import type { AnswerSink } from './ask-frame.ts'
import { readEffects } from './effects.ts'
import type { Job } from './job.ts'

/** A plugin's end: `onClose` is called, best effort, and the isolate dropped. */
export class UnloadJob implements Job {
  readonly type: number = FRAME.unload
  readonly instance: number
  readonly generation: number
  readonly count: number = 0
  readonly allowanceMs: number = CLOSE_MS
  readonly #sink: AnswerSink

  constructor(sink: AnswerSink, instance: number, generation: number) {
    this.#sink = sink
    this.instance = instance
    this.generation = generation
  }

  done(outcome: FrameOutcome, body: string): boolean {
    if (outcome !== 'done') return true
    // one answer if it has an onClose, none otherwise
    const answers = readAnswers(body, 1) ?? readAnswers(body, 0)
    if (answers === undefined) return false
    if (answers.side === null) return true
    const effects = readEffects(answers.side.effects)
    return effects !== undefined && this.#sink.heard(answers.side, effects, 1)
  }

  overdue(): void {
    // nobody waits for it: whoever stops the cell kills it when the time is up
  }

  lost(): void {
    // its isolate is gone, which is what was wanted
  }
}
