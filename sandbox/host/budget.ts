/** A budget that refills by the time. More than there is may be spent: it is owed, and paid back first. */
export class Budget {
  readonly #most: number
  readonly #perMs: number
  #balance: number
  #countedAt: number

  /** @param now in ms, from any origin, which all calls share. */
  constructor(most: number, perMs: number, now: number) {
    this.#most = most
    this.#perMs = perMs
    this.#balance = most
    this.#countedAt = now
  }

  /** What is left; below 0: what is owed. */
  balance(now: number): number {
    const refilled = this.#balance + (now - this.#countedAt) * this.#perMs
    this.#balance = Math.min(this.#most, refilled)
    this.#countedAt = now
    return this.#balance
  }

  spend(amount: number, now: number): void {
    this.#balance = this.balance(now) - amount
  }

  /** What was spent turned out not to be the spender's doing. */
  restore(amount: number, now: number): void {
    this.#balance = Math.min(this.#most, this.balance(now) + amount)
  }

  /** How long until this much is there, in ms. */
  msUntil(amount: number, now: number): number {
    return Math.max(0, (amount - this.balance(now)) / this.#perMs)
  }
}
