import { RingBuffer } from '../../../src/base/ring-buffer.ts'
import { FRAME_QUESTIONS, FRAMES_UNDER_WAY, QUEUED_CHARS, TELLERS_QUEUED } from '../../limits.ts'
import type { Question } from './question.ts'

/**
 * What waits for one plugin's next frame: first what came back not begun, then questions, then what tellers
 * are told. Tellers never push back: past their bounds the oldest is dropped. Both are bounded by number and
 * by text; an event that is longer than its bound still goes through when nothing else is there.
 */
export class QuestionQueue {
  readonly #returned = new RingBuffer<Question>(FRAME_QUESTIONS * FRAMES_UNDER_WAY)
  readonly #asked: RingBuffer<Question>
  readonly #told = new RingBuffer<Question>(TELLERS_QUEUED)
  readonly #highWater: number
  readonly #lowWater: number
  #askedChars = 0
  #toldChars = 0
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
    if (this.#congested) {
      this.#congested = this.#asked.length >= this.#lowWater || this.#askedChars >= QUEUED_CHARS.asked / 4
    }
    return this.#congested
  }

  /** @returns false when the queue is full. */
  ask(question: Question): boolean {
    const chars = this.#askedChars + question.event.length
    if (chars > QUEUED_CHARS.asked && this.#asked.length > 0) return false
    if (!this.#asked.push(question)) return false
    this.#askedChars = chars
    if (this.#asked.length > this.#highWater || chars > (QUEUED_CHARS.asked * 3) / 4) this.#congested = true
    return true
  }

  tell(question: Question): void {
    const { length } = question.event
    while (this.#told.length === TELLERS_QUEUED || this.#toldChars + length > QUEUED_CHARS.told) {
      if (this.#shiftTold() === undefined) break
      this.dropped += 1
    }
    this.#told.push(question)
    this.#toldChars += length
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
        if (question === undefined) break
        if (question.hook !== hook) waiting.push(question)
        else if (waiting === this.#asked) this.#askedChars -= question.event.length
      }
    }
  }

  /** Takes the next of those that somebody waits for, past what is only told. */
  shiftAsked(): Question | undefined {
    const returned = this.#returned.shift()
    if (returned !== undefined) return returned
    const asked = this.#asked.shift()
    if (asked !== undefined) this.#askedChars -= asked.event.length
    return asked
  }

  peek(): Question | undefined {
    return this.#returned.peek() ?? this.#asked.peek() ?? this.#told.peek()
  }

  shift(): Question | undefined {
    return this.shiftAsked() ?? this.#shiftTold()
  }

  #shiftTold(): Question | undefined {
    const told = this.#told.shift()
    if (told !== undefined) this.#toldChars -= told.event.length
    return told
  }
}
