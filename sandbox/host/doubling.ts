/** A time that doubles while what it follows keeps happening, and starts over after a quiet time. */
export class Doubling {
  readonly #firstMs: number
  readonly #lastMs: number
  readonly #quietMs: number
  #ms = 0
  #endsAt = Number.NEGATIVE_INFINITY

  /** @param quietMs with none of it for this long, and as long as the last time was, it is forgotten. */
  constructor(bounds: { readonly first: number; readonly last: number }, quietMs: number) {
    this.#firstMs = bounds.first
    this.#lastMs = bounds.last
    this.#quietMs = quietMs
  }

  /** To be called each time it happens. @param now in ms, from any origin. @returns the time in ms. */
  next(now: number): number {
    const again = now < this.#endsAt + this.#ms + this.#quietMs
    this.#ms = again ? Math.min(this.#ms * 2, this.#lastMs) : this.#firstMs
    this.#endsAt = now + this.#ms
    return this.#ms
  }
}
