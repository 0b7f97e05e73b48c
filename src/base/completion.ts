/** Counts what is under way, and says once when all of it has ended. */
export class Completion {
  readonly #done: () => void
  /** Whoever makes it is under way itself. */
  #open = 1

  constructor(done: () => void) {
    this.#done = done
  }

  /** One more is under way. */
  begin(): void {
    this.#open += 1
  }

  /** One has ended. */
  end(): void {
    this.#open -= 1
    if (this.#open === 0) this.#done()
  }
}
