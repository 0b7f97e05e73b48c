import { CLOSE_MS } from '../../limits.ts'
import { HOOKS } from '../../sdk/hooks.ts'
import { FRAME, type FrameOutcome } from '../../wire/messages.ts'
import type { Job, Judging } from '../cells/job.ts'
import { readAnswers } from '../questions/answers.ts'
import type { AnswerSink } from '../questions/ask-frame.ts'
import { readEffects } from '../questions/effects.ts'
import type { Question } from '../questions/question.ts'

/** Nobody waits for it; what it leaves to be done happens all the same, if it ended well. */
const ON_CLOSE: Question = {
  hook: HOOKS.indexOf('onClose'),
  subject: null,
  event: '{}',
  asker: null,
  slot: 0,
  source: '',
  hops: 0,
  since: 0,
  askedAt: 0,
  returned: 0,
}

/** A plugin's end: `onClose` is called, best effort, and the isolate dropped. */
export class UnloadJob implements Job {
  readonly type: number = FRAME.unload
  readonly instance: number
  readonly generation: number
  readonly count: number = 0
  readonly allowanceMs: number = CLOSE_MS
  readonly #sink: AnswerSink
  readonly #unloaded: () => void

  /** @param unloaded is called when its cell goes on without it; if the cell ends, nobody calls. */
  constructor(sink: AnswerSink, instance: number, generation: number, unloaded: () => void) {
    this.#sink = sink
    this.#unloaded = unloaded
    this.instance = instance
    this.generation = generation
  }

  *done(outcome: FrameOutcome, body: string): Judging {
    if (outcome === 'done' && !(yield* this.#hear(body))) return false
    this.#unloaded()
    return true
  }

  overdue(): void {
    // nobody waits for it: whoever stops the cell kills it when the time is up
  }

  lost(): void {
    // its isolate is gone, which is what was wanted
  }

  *#hear(body: string): Judging {
    // one answer if it has an onClose, none otherwise
    const answers = readAnswers(body, 1) ?? readAnswers(body, 0)
    if (answers === undefined) return false
    const { each, side } = answers
    const effects = side === null ? null : readEffects(side.effects)
    if (effects === undefined) return false
    if (each.length > 0) this.#sink.answered(ON_CLOSE, 'ok', each[0], 0, effects)
    return side === null || effects === null || (yield* this.#sink.heard(side, effects, 1))
  }
}
