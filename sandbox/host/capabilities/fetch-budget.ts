import { FETCHES_PER_SEC } from '../../limits.ts'
import { PerSecond } from '../per-second.ts'
import { Refusal } from './power.ts'

/** What the fetches of all plugins of one tenant share. */
export class FetchBudget {
  readonly #atOnce: number
  readonly #perSecond = new PerSecond(FETCHES_PER_SEC)
  #underWay = 0

  /** @param atOnce how many may be under way; the tenant's `fetchConcurrent`. */
  constructor(atOnce: number) {
    this.#atOnce = atOnce
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
    if (this.#underWay >= this.#atOnce) {
      throw new Refusal('limit', `${this.#atOnce} fetches of this tenant are under way`)
    }
    if (!this.#perSecond.spend(now)) {
      throw new Refusal('limit', `more than ${FETCHES_PER_SEC} fetches of this tenant in a second`)
    }
    this.#underWay += 1
    try {
      return await fetch()
    } finally {
      this.#underWay -= 1
    }
  }
}
