/** So many a second, counted by whole seconds. */
export class PerSecond {
  readonly #most: number
  #second = Number.NEGATIVE_INFINITY
  #left = 0

  constructor(most: number) {
    this.#most = most
  }

  /** @param now in ms, from any origin. @returns whether one more may pass in this second. */
  spend(now: number): boolean {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#left = this.#most
    }
    if (this.#left === 0) return false
    this.#left -= 1
    return true
  }
}
