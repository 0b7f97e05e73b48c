import { EXPIRED_AT_ONCE } from '../../limits.ts'
import { hookOf } from '../../wire/messages.ts'
import type { PluginConduct } from '../plugins/plugin-conduct.ts'
import { PluginCounters } from '../plugins/plugin-counters.ts'
import type { AnswerDesk } from './answer-desk.ts'
import type { Question } from './question.ts'
import { QuestionQueue } from './question-queue.ts'

/** What one plugin is to be asked and told, and has not been yet. Whoever waits in here is answered. */
export class Inbox {
  /** For whoever makes frames of it. */
  readonly queue: QuestionQueue
  readonly #conduct: PluginConduct
  readonly #desk: Pick<AnswerDesk, 'ended'>
  readonly #counters: PluginCounters

  constructor(
    questionsQueued: number,
    conduct: PluginConduct,
    desk: Pick<AnswerDesk, 'ended'>,
    counters: PluginCounters = new PluginCounters(),
  ) {
    this.queue = new QuestionQueue(questionsQueued)
    this.#conduct = conduct
    this.#desk = desk
    this.#counters = counters
  }

  get isEmpty(): boolean {
    return this.queue.length === 0
  }

  /** @returns false when it is answered already: its source is blocked, or there is no room. */
  ask(question: Question): boolean {
    const { source, hook } = question
    if (this.#conduct.isBlocked(source)) {
      this.#counters.answer(question, 'quarantined')
      return false
    }
    if (this.queue.ask(question)) return true
    this.#conduct.faulted(hookOf(hook), 'overload', 'its queue is full')
    this.#counters.answer(question, 'overload')
    return false
  }

  /** @returns false when its source is blocked. */
  tell(told: Question): boolean {
    if (this.#conduct.isBlocked(told.source)) return false
    this.queue.tell(told)
    return true
  }

  /** Answers what has waited too long, or some of it: the rest is left for the next look. */
  expire(isTooLong: (question: Question) => boolean, outcome: keyof typeof WHY): void {
    for (let answered = 0; answered < EXPIRED_AT_ONCE; answered += 1) {
      const next = this.queue.peek()
      if (next === undefined || !isTooLong(next)) return
      this.queue.shift()
      this.#desk.ended(next, outcome, WHY[outcome])
    }
  }

  /** Answers all that waits; what was only to be told is dropped. */
  empty(outcome: 'loading' | 'overload' | 'quarantined', detail: string): void {
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      if (next.asker === null) continue
      this.#conduct.faulted(hookOf(next.hook), outcome, detail)
      this.#counters.answer(next, outcome)
    }
  }

  /** Answers all that waits with `stopped`; what is only to be told may still leave. */
  stop(): void {
    for (let next = this.queue.shiftAsked(); next !== undefined; next = this.queue.shiftAsked()) {
      this.#counters.answer(next, 'stopped')
    }
  }

  /** How many tellers were dropped since this was last asked. */
  takeDropped(): number {
    const { dropped } = this.queue
    if (dropped > 0) this.queue.dropped = 0
    return dropped
  }
}

const WHY = {
  loading: 'it did not become active in time',
  overload: 'the machine has no cell for its tenant in time',
  throttled: 'its tenant has used up its cpuShare',
} as const
