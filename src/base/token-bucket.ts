import { DEBT_MOST_SEC } from './limits.ts'

/**
 * A budget that refills: so much a second, and no more than a second's worth saved up. A debt is bounded: no
 * number of takes shuts all who share the budget out for hours.
 */
export class TokenBucket {
  #perSec: number
  #tokens: number
  #filledAt: number

  /** @param perSec Infinity: never empty. */
  constructor(perSec: number, now: number = performance.now()) {
    this.#perSec = perSec
    this.#tokens = perSec
    this.#filledAt = now
  }

  /** It refills at another rate from now on: what was taken stays so, and nothing is saved up beyond it. */
  become(perSec: number, now: number = performance.now()): void {
    // what never emptied was full all the time
    if (this.#perSec === Number.POSITIVE_INFINITY) this.#filledAt = now
    else this.#fill(now)
    this.#perSec = perSec
    this.#tokens = Math.min(perSec, this.#tokens)
  }

  /** Takes what is asked for even if that is more than is there; the milliseconds until the debt is paid. */
  take(tokens: number, now: number = performance.now()): number {
    if (this.#perSec === Number.POSITIVE_INFINITY) return 0
    this.#fill(now)
    // who takes so far in debt does not wait as told, or is one of many: more debt would punish others
    if (this.#tokens >= -this.#perSec * DEBT_MOST_SEC) this.#tokens -= tokens
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSec) * 1000
  }

  /** Takes what is asked for, or, where that is more than is there, nothing. @returns whether it took. */
  spend(tokens: number, now: number = performance.now()): boolean {
    if (this.#perSec === Number.POSITIVE_INFINITY) return true
    this.#fill(now)
    if (tokens > this.#tokens) return false
    this.#tokens -= tokens
    return true
  }

  #fill(now: number): void {
    const refill = ((now - this.#filledAt) / 1000) * this.#perSec
    this.#filledAt = now
    this.#tokens = Math.min(this.#perSec, this.#tokens + refill)
  }
}
