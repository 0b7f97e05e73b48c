import { NEVER } from './batch.ts'
import type { Call } from './call.ts'
import { faultJson } from './describe-fault.ts'
import type { Outbox } from './outbox.ts'
import { sliceText } from './primordials.ts'

interface Waiting {
  readonly call: Call
  readonly next: Waiting | undefined
}

/** Calls that wait for the host across crossings, and what has become of some since the last one. */
export class WaitingCalls {
  readonly #outbox: Outbox
  readonly #detailChars: number
  #first: Waiting | undefined
  #settled = ''
  #count = 0

  constructor(outbox: Outbox, detailChars: number) {
    this.#outbox = outbox
    this.#detailChars = detailChars
  }

  get isEmpty(): boolean {
    return this.#first === undefined
  }

  add(call: Call): void {
    this.#first = { call, next: this.#first }
  }

  settle(call: Call, answer: string, endedWell: boolean): void {
    this.#settled += `,${call.number},${answer}`
    this.#outbox.end(call, endedWell ? FIRST_PLACE - this.#count : undefined)
    this.#count += 1
  }

  /** `,"s":[number,answer,…]`, or ''. With nothing outstanding, those that are left never settle. */
  take(canWait: boolean): string {
    let kept: Waiting | undefined
    for (let each = this.#first; each !== undefined; each = each.next) {
      const { call } = each
      if (!call.ended && !canWait) this.settle(call, faultJson('unsettled', NEVER, this.#detailChars), false)
      if (!call.ended) kept = { call, next: kept }
    }
    this.#first = kept
    if (this.#count === 0) return ''
    const settled = `,"s":[${sliceText(this.#settled, 1)}]`
    this.#settled = ''
    this.#count = 0
    return settled
  }
}

/** Where the effects of what settled late are counted from, downwards: -1 is that of `setup`. */
const FIRST_PLACE = -2
