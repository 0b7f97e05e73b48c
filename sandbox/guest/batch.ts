import { faultJson } from './describe-fault.ts'
import { sliceText } from './primordials.ts'

/** A promise's place in the answers: the text before it, and what it came to. */
interface Hole {
  readonly before: string
  answer: string | undefined
  next: Hole | undefined
}

/**
 * The answers of one frame, as text that grows. Promises leave holes, filled by their reactions; whatever is
 * still open when the frame is collected can no longer settle, since nothing outside the isolate is
 * outstanding. A linked list and strings, no arrays: an index or an iterator is something that a plugin can
 * redefine.
 */
export class Batch {
  /** What came after the last hole; one string that only grows costs the least. */
  text = ''
  #settledChars = 0
  #first: Hole | undefined
  #last: Hole | undefined
  #collected = false
  readonly #detailChars: number
  /** How many promises were left open. */
  holes = 0

  constructor(detailChars: number) {
    this.#detailChars = detailChars
  }

  /** Characters so far, without those of promises. */
  get length(): number {
    return this.#settledChars + this.text.length
  }

  /** Returns what the promise's reactions call, once at most, with its answer. */
  leaveHole(): (answer: string) => void {
    const hole: Hole = { before: `${this.text},`, answer: undefined, next: undefined }
    this.#settledChars += this.text.length
    this.text = ''
    this.holes += 1
    if (this.#last === undefined) this.#first = hole
    else this.#last.next = hole
    this.#last = hole
    return (answer) => {
      if (!this.#collected) hole.answer ??= answer
    }
  }

  /** The elements of the answers' array, without its brackets. */
  collect(): string {
    this.#collected = true
    let all = ''
    for (let hole = this.#first; hole !== undefined; hole = hole.next) {
      all += hole.before + (hole.answer ?? faultJson('unsettled', NEVER, this.#detailChars))
    }
    all += this.text
    return sliceText(all, 1)
  }
}

const NEVER = 'the promise cannot settle any more: nothing that it could wait for is outstanding'
