import { TokenBucket } from '../base/token-bucket.ts'

/** Lets through so many a second of what may happen with every message, and counts the others. */
export class Sample {
  readonly #rate: TokenBucket
  #left = 0

  constructor(perSec: number, now: number = performance.now()) {
    this.#rate = new TokenBucket(perSec, now)
  }

  /** @returns how many were left out since the last one that was let through; null: so is this one. */
  take(now: number = performance.now()): number | null {
    if (!this.#rate.spend(1, now)) {
      this.#left += 1
      return null
    }
    const left = this.#left
    this.#left = 0
    return left
  }
}
