import { RESPAWN_BACKOFF_MS, RESPAWN_WINDOW_MS } from '../limits.ts'

/** How long to wait before the next attempt: none at first, then doubling while it keeps failing. */
export class Respawn {
  #lastAt = Number.NEGATIVE_INFINITY
  #delayMs = 0

  /** To be called at each failure. @param now in ms, from any origin. @returns the wait in ms. */
  failed(now: number): number {
    const again = now - this.#lastAt < RESPAWN_WINDOW_MS + this.#delayMs
    this.#lastAt = now
    if (!again) this.#delayMs = 0
    else if (this.#delayMs === 0) this.#delayMs = RESPAWN_BACKOFF_MS.first
    else this.#delayMs = Math.min(this.#delayMs * 2, RESPAWN_BACKOFF_MS.last)
    return this.#delayMs
  }
}
