import { setImmediate } from 'node:timers'
import { DEADLINE_CHECK_MS, WATCH_TURN_MS } from '../../limits.ts'

/** Something with clocks that run. */
export interface Watched {
  /** @param stallMs how long the broker itself was away, beside the usual. @returns whether to look again. */
  check(now: number, stallMs: number): boolean
}

/**
 * The one timer behind all deadlines of a host. It runs only while something is under way. Who is watched is
 * looked at in turns: to look may mean to read what the system says of a process, or to answer a thousand
 * questions that have waited too long.
 */
export class Watch {
  readonly #clock: () => number
  readonly #watched: Set<Watched> = new Set()
  #timer: NodeJS.Timeout | undefined
  #lastAt = 0
  /** How long the broker was away since the last round began. */
  #stallMs = 0
  /** Who is still to be looked at in this round; undefined: none is under way. */
  #round: Iterator<Watched> | undefined

  /** @param clock monotonic, in ms. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock
  }

  /** Looks at it until its `check` says that it is enough. */
  watch(watched: Watched): void {
    this.#watched.add(watched)
    if (this.#timer !== undefined) return
    this.#lastAt = this.#clock()
    this.#timer = setInterval(this.#tick, DEADLINE_CHECK_MS)
  }

  readonly #tick = (): void => {
    const now = this.#clock()
    // timers run before sockets are read: after a stall of ours, answers may lie there unread
    this.#stallMs += Math.max(0, now - this.#lastAt - 2 * DEADLINE_CHECK_MS)
    this.#lastAt = now
    if (this.#round !== undefined) return
    this.#round = this.#watched.values()
    const stallMs = this.#stallMs
    this.#stallMs = 0
    this.#look(this.#round, stallMs)
  }

  #look(round: Iterator<Watched>, stallMs: number): void {
    let now = this.#clock()
    const until = now + WATCH_TURN_MS
    for (let next = round.next(); next.done !== true; next = round.next()) {
      if (!next.value.check(now, stallMs)) this.#watched.delete(next.value)
      now = this.#clock()
      if (now < until) continue
      setImmediate(() => this.#look(round, stallMs))
      return
    }
    this.#round = undefined
    if (this.#watched.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
