import { RingBuffer } from '../../src/base/ring-buffer.ts'
import { FRAME_QUESTIONS, FRAMES_UNDER_WAY, TELLERS_QUEUED } from '../limits.ts'
import type { Question } from './question.ts'

/**
 * What waits for one plugin's next frame: first what came back not begun, then questions, then what tellers
 * are told. Tellers never push back: past their bound the oldest is dropped.
 */
export class QuestionQueue {
  readonly #returned = new RingBuffer<Question>(FRAME_QUESTIONS * FRAMES_UNDER_WAY)
  readonly #asked: RingBuffer<Question>
  readonly #told = new RingBuffer<Question>(TELLERS_QUEUED)
  readonly #highWater: number
  readonly #lowWater: number
  #congested = false
  /** Tellers dropped since this was last set to 0. */
  dropped = 0

  constructor(questionsQueued: number) {
    this.#asked = new RingBuffer(questionsQueued)
    this.#highWater = (questionsQueued * 3) / 4
    this.#lowWater = questionsQueued / 4
  }

  get length(): number {
    return this.#returned.length + this.#asked.length + this.#told.length
  }

  /** Above three quarters, until it is below one quarter. */
  get congested(): boolean {
    if (this.#congested) this.#congested = this.#asked.length >= this.#lowWater
    return this.#congested
  }

  /** @returns false when the queue is full. */
  ask(question: Question): boolean {
    if (!this.#asked.push(question)) return false
    if (this.#asked.length > this.#highWater) this.#congested = true
    return true
  }

  tell(question: Question): void {
    if (this.#told.push(question)) return
    this.#told.shift()
    this.#told.push(question)
    this.dropped += 1
  }

  /** A cell gave it back not begun. There is room: no more than this was under way. */
  giveBack(question: Question): void {
    this.#returned.push(question)
  }

  /** Drops what is asked of this hook: what it was about is gone. */
  drop(hook: number): void {
    for (const waiting of [this.#returned, this.#asked]) {
      for (let left = waiting.length; left > 0; left -= 1) {
        const question = waiting.shift()
        if (question !== undefined && question.hook !== hook) waiting.push(question)
      }
    }
  }

  /** Takes the next of those that somebody waits for, past what is only told. */
  shiftAsked(): Question | undefined {
    return this.#returned.shift() ?? this.#asked.shift()
  }

  peek(): Question | undefined {
    return this.#returned.peek() ?? this.#asked.peek() ?? this.#told.peek()
  }

  shift(): Question | undefined {
    return this.shiftAsked() ?? this.#told.shift()
  }
}
