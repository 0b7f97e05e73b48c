import type { IsolateLimits } from '../wire/messages.ts'
import { NEVER } from './batch.ts'
import type { Call } from './call.ts'
import { faultJson } from './describe-fault.ts'
import type { Outbox } from './outbox.ts'
import { emptyRecord, ownKeys, sliceText } from './primordials.ts'

/** Calls that wait for the host across crossings, and what has become of some since the last one. */
export class WaitingCalls {
  readonly #outbox: Outbox
  readonly #limits: IsolateLimits
  readonly #calls = emptyRecord<Call>()
  #length = 0
  #settled = ''
  #count = 0

  constructor(outbox: Outbox, limits: IsolateLimits) {
    this.#outbox = outbox
    this.#limits = limits
  }

  get isEmpty(): boolean {
    return this.#length === 0
  }

  add(call: Call): void {
    this.#calls[this.#outbox.number(call)] = call
    this.#length += 1
  }

  /** It has come to an end: the first one counts. */
  settle(call: Call, answer: string, endedWell: boolean): void {
    if (call.ended) return
    // what many have waited for may end them all at once: together they must fit into one frame
    const fits = this.#settled.length + answer.length <= this.#limits.lateChars
    const said = fits ? answer : this.#fault('bad-verdict', TOO_MUCH)
    this.#settled += `,${call.number},${said}`
    this.#outbox.end(call, endedWell && fits ? FIRST_PLACE - this.#count : undefined)
    this.#count += 1
    delete this.#calls[call.number]
    this.#length -= 1
  }

  /** The host has answered for it, and waits no longer: its `ctx` is of no more use. */
  letGo(number: number): void {
    const call = this.#calls[number]
    if (call !== undefined) this.settle(call, this.#fault('unsettled', NOBODY), false)
  }

  /** `,"s":[number,answer,…]`, or ''. With nothing outstanding, those that are left never settle. */
  take(canWait: boolean): string {
    if (!canWait && this.#length > 0) this.#settleAll()
    if (this.#count === 0) return ''
    const settled = `,"s":[${sliceText(this.#settled, 1)}]`
    this.#settled = ''
    this.#count = 0
    return settled
  }

  #settleAll(): void {
    const numbers = ownKeys(this.#calls)
    for (let index = 0; index < numbers.length; index += 1) {
      this.settle(this.#calls[numbers[index] as string] as Call, this.#fault('unsettled', NEVER), false)
    }
  }

  #fault(word: 'bad-verdict' | 'unsettled', detail: string): string {
    return faultJson(word, detail, this.#limits.detailChars)
  }
}

/** Where the effects of what settled late are counted from, downwards: -1 is that of `setup`. */
const FIRST_PLACE = -2
const TOO_MUCH = 'too much text in the verdicts that were ready at once'
const NOBODY = 'it waited too long for what it asked of the host'
