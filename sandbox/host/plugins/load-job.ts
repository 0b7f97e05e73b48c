import type { Outcome } from '../../outcome.ts'
import { FRAME, type FrameOutcome } from '../../wire/messages.ts'
import type { Job, LostOutcome } from '../cells/job.ts'
import { type RawLoaded, readLoaded } from '../questions/answers.ts'

/** Who waits for a plugin to be loaded, or probed. */
export interface LoadSink {
  /**
   * It ended by itself; `failure` inside says whether well.
   *
   * @returns false when no guest of ours would say this.
   */
  loaded(loaded: RawLoaded): boolean
  /** It ran into a limit, or took its cell along. Comes once. */
  loadFailed(outcome: Outcome, detail: string): void
}

/** Evaluating a bundle in a fresh isolate: to activate it, or to probe what it declares. */
export class LoadJob implements Job {
  readonly type: number
  readonly instance: number
  readonly generation: number
  readonly count: number = 0
  readonly allowanceMs: number
  readonly #sink: LoadSink
  #waiting = true

  constructor(
    sink: LoadSink,
    kind: 'load' | 'probe',
    instance: number,
    generation: number,
    allowanceMs: number,
  ) {
    this.#sink = sink
    this.type = FRAME[kind]
    this.instance = instance
    this.generation = generation
    this.allowanceMs = allowanceMs
  }

  done(outcome: FrameOutcome, body: string): boolean {
    if (outcome === 'full' && this.type === FRAME.probe) {
      this.#fail('memory', 'its heap is nearly full as soon as it is loaded')
      return true
    }
    if (outcome === 'not-begun' || outcome === 'full') return false
    if (outcome !== 'done') {
      this.#fail(outcome, body === '' ? 'while it was loaded' : body)
      return true
    }
    const loaded = readLoaded(body)
    if (loaded === undefined) return false
    const waiting = this.#waiting
    this.#waiting = false
    return !waiting || this.#sink.loaded(loaded)
  }

  overdue(): void {
    this.#fail('deadline', 'loading it does not come to an end')
  }

  lost(atWork: boolean, outcome: LostOutcome): void {
    // one that had not begun is loaded again with the next cell
    if (atWork) this.#fail(outcome, 'the cell ended while it was loaded')
  }

  #fail(outcome: Outcome, detail: string): void {
    if (this.#waiting) this.#sink.loadFailed(outcome, detail)
    this.#waiting = false
  }
}
