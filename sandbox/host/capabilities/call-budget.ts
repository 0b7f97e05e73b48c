import { PerSecond } from '../per-second.ts'
import { Refusal } from './power.ts'

/** What the calls of all plugins of one tenant share, where each of them takes somebody else's time. */
export class CallBudget {
  readonly #what: string
  readonly #atOnce: number
  readonly #mostPerSecond: number
  readonly #perSecond: PerSecond
  #underWay = 0

  /**
   * @param what the calls, in the words of a refusal: `fetches`.
   * @param atOnce how many may be under way.
   */
  constructor(what: string, atOnce: number, perSecond: number) {
    this.#what = what
    this.#atOnce = atOnce
    this.#mostPerSecond = perSecond
    this.#perSecond = new PerSecond(perSecond)
  }

  /** How many are under way. */
  get underWay(): number {
    return this.#underWay
  }

  /**
   * Makes one call; however it ends, its place is free again.
   *
   * @param now in ms, from any origin.
   * @throws Refusal `limit`.
   */
  async run<T>(now: number, call: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#atOnce) {
      throw new Refusal('limit', `${this.#atOnce} ${this.#what} of this tenant are under way`)
    }
    if (!this.#perSecond.spend(now)) {
      throw new Refusal('limit', `more than ${this.#mostPerSecond} ${this.#what} of this tenant in a second`)
    }
    this.#underWay += 1
    try {
      return await call()
    } finally {
      this.#underWay -= 1
    }
  }
}
