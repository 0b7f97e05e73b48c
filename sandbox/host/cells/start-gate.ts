import { availableParallelism } from 'node:os'
import { STARTS_AT_ONCE } from '../../limits.ts'

/** How many starts a machine of so many cores does at once. */
export function startsAtOnce(cores: number = availableParallelism()): number {
  return Math.min(STARTS_AT_ONCE.most, Math.max(STARTS_AT_ONCE.least, cores))
}

/** Lets a bounded number of starts run at once; the others wait their turn in order. */
export class StartGate {
  readonly #atOnce: number
  readonly #waiting: Set<() => void> = new Set()
  #running = 0

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** Runs `start` now or later; it must call {@link leave} when it is done starting. */
  enter(start: () => void): void {
    if (this.#running >= this.#atOnce) {
      this.#waiting.add(start)
      return
    }
    this.#running += 1
    start()
  }

  /** Gives up a place in the queue; a start that already runs is not affected. */
  withdraw(start: () => void): void {
    this.#waiting.delete(start)
  }

  leave(): void {
    this.#running -= 1
    for (const next of this.#waiting) {
      this.#waiting.delete(next)
      this.enter(next)
      return
    }
  }
}
