import type { SandboxLimits } from '../../limits.ts'
import { PerSecond } from '../per-second.ts'
import { Refusal } from './power.ts'

type FetchLimits = Pick<SandboxLimits, 'fetchConcurrent' | 'fetchesPerSec'>

/** What the fetches of all plugins of one tenant share. */
export class FetchBudget {
  readonly #limits: FetchLimits
  readonly #perSecond: PerSecond
  #underWay = 0

  constructor(limits: FetchLimits) {
    this.#limits = limits
    this.#perSecond = new PerSecond(limits.fetchesPerSec)
  }

  /** How many are under way. */
  get underWay(): number {
    return this.#underWay
  }

  /**
   * Runs one fetch; however it ends, its place is free again.
   *
   * @param now in ms, from any origin.
   * @throws Refusal `limit`.
   */
  async run<T>(now: number, fetch: () => Promise<T>): Promise<T> {
    const { fetchConcurrent, fetchesPerSec } = this.#limits
    if (this.#underWay >= fetchConcurrent) {
      throw new Refusal('limit', `${fetchConcurrent} fetches of this tenant are under way`)
    }
    if (!this.#perSecond.spend(now)) {
      throw new Refusal('limit', `more than ${fetchesPerSec} fetches of this tenant in a second`)
    }
    this.#underWay += 1
    try {
      return await fetch()
    } finally {
      this.#underWay -= 1
    }
  }
}
