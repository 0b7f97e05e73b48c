import type { Call } from './call.ts'
import { faultJson } from './describe-fault.ts'
import type { Outbox } from './outbox.ts'
import { sliceText } from './primordials.ts'

/** A promise's place in the answers: the text before it, and what it came to. */
interface Hole {
  readonly before: string
  readonly place: number
  readonly call: Call | undefined
  answer: string | undefined
  next: Hole | undefined
}

/** A promise has come to something: its answer, and whether that is an end on which effects may follow. */
export type Fill = (answer: string, endedWell: boolean) => void

/**
 * The answers of one frame, as text that grows. Promises leave holes, filled by their reactions. What is
 * still open when the frame is collected waits for the host, or can no longer settle, if nothing is
 * outstanding. A linked list and strings, no arrays: an index or an iterator is something that a plugin can
 * redefine.
 */
export class Batch {
  /** What came after the last hole; one string that only grows costs the least. */
  text = ''
  /** How many answers there are, where places matter. */
  places = 0
  #settledChars = 0
  #first: Hole | undefined
  #last: Hole | undefined
  #collected = false
  readonly #outbox: Outbox
  readonly #detailChars: number
  /** How many promises were left open. */
  holes = 0

  constructor(outbox: Outbox, detailChars: number) {
    this.#outbox = outbox
    this.#detailChars = detailChars
  }

  /** Characters so far, without those of promises. */
  get length(): number {
    return this.#settledChars + this.text.length
  }

  /**
   * Appends what calling a hook came to. The call may leave a hole, which takes the text before it: so the
   * text is looked at afterwards, as `text += call()` would not do.
   */
  add(answer: string): void {
    this.text += answer
  }

  /**
   * @param late gets the answer if it comes after the frame was collected, when the call waits for the host.
   * @returns what the promise's reactions call, once at most.
   */
  leaveHole(call: Call | undefined, late: (call: Call, answer: string, endedWell: boolean) => void): Fill {
    const place = this.places
    const hole: Hole = { before: `${this.text},`, place, call, answer: undefined, next: undefined }
    this.#settledChars += this.text.length
    this.text = ''
    this.holes += 1
    if (this.#last === undefined) this.#first = hole
    else this.#last.next = hole
    this.#last = hole
    return (answer, endedWell) => {
      if (hole.answer !== undefined) return
      if (this.#collected) {
        if (call !== undefined && !call.ended) late(call, answer, endedWell)
        return
      }
      hole.answer = answer
      if (call !== undefined) this.#outbox.end(call, endedWell ? place : undefined)
    }
  }

  /**
   * The elements of the answers' array, without its brackets.
   *
   * @param canWait whether anything is outstanding that an open promise may wait for.
   * @param waits is told of each call that does.
   */
  collect(canWait: boolean, waits: (call: Call) => void): string {
    this.#collected = true
    let all = ''
    for (let hole = this.#first; hole !== undefined; hole = hole.next) {
      all += hole.before + (hole.answer ?? this.#open(hole.call, canWait, waits))
    }
    all += this.text
    return sliceText(all, 1)
  }

  #open(call: Call | undefined, canWait: boolean, waits: (call: Call) => void): string {
    if (call !== undefined && canWait) {
      waits(call)
      return `[${this.#outbox.number(call)}]`
    }
    if (call !== undefined) this.#outbox.end(call, undefined)
    return faultJson('unsettled', NEVER, this.#detailChars)
  }
}

export const NEVER = 'the promise cannot settle any more: nothing that it could wait for is outstanding'
