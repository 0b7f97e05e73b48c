import { FETCHES_PER_SEC } from '../../limits.ts'
import { PerSecond } from '../per-second.ts'
import { Refusal } from './power.ts'

/** What the fetches of all plugins of one tenant share: each has {@link joinBudget} give it the same one. */
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

/** The budgets of the process by tenant, each as long as plugins of the tenant use it. */
const budgets = new Map<string, { readonly budget: FetchBudget; plugins: number }>()

/** The one budget of a tenant. Whoever joins it must leave it. */
export function joinBudget(tenant: string, atOnce: number): FetchBudget {
  const shared = budgets.get(tenant) ?? { budget: new FetchBudget(atOnce), plugins: 0 }
  shared.plugins += 1
  budgets.set(tenant, shared)
  return shared.budget
}

/** The last one that leaves takes it along. */
export function leaveBudget(tenant: string): void {
  const shared = budgets.get(tenant)
  if (shared === undefined) return
  shared.plugins -= 1
  if (shared.plugins === 0) budgets.delete(tenant)
}
