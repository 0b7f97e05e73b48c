import { DEADLINE_CHECK_MS } from '../../limits.ts'

/** Something with clocks that run. */
export interface Watched {
  /** @param stallMs how long the broker itself was away, beside the usual. @returns whether to look again. */
  check(now: number, stallMs: number): boolean
}

/** The one timer behind all deadlines of a host. It runs only while something is under way. */
export class Watch {
  readonly #watched: Set<Watched> = new Set()
  #timer: NodeJS.Timeout | undefined
  #lastAt = 0

  /** Looks at it until its `check` says that it is enough. */
  watch(watched: Watched): void {
    this.#watched.add(watched)
    if (this.#timer !== undefined) return
    this.#lastAt = performance.now()
    this.#timer = setInterval(this.#check, DEADLINE_CHECK_MS)
  }

  readonly #check = (): void => {
    const now = performance.now()
    // timers run before sockets are read: after a stall of ours, answers may lie there unread
    const stallMs = Math.max(0, now - this.#lastAt - 2 * DEADLINE_CHECK_MS)
    this.#lastAt = now
    for (const watched of this.#watched) {
      if (!watched.check(now, stallMs)) this.#watched.delete(watched)
    }
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
