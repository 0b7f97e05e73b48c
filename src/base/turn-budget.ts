/**
 * What may be spent in one turn of the event loop. What costs more than is left is done all the same: the
 * first thing of a turn always is.
 */
export class TurnBudget {
  readonly #perTurn: number
  #left: number
  #scheduled = false

  constructor(perTurn: number) {
    this.#perTurn = perTurn
    this.#left = perTurn
  }

  /** @returns false when this turn's is spent. */
  take(cost: number): boolean {
    if (this.#left <= 0) return false
    this.#left -= cost
    if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(this.#refill)
    }
    return true
  }

  readonly #refill = (): void => {
    this.#scheduled = false
    this.#left = this.#perTurn
  }
}
