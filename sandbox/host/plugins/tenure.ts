import { SINGLE_MS } from '../../limits.ts'

/**
 * A plugin's isolates, one after the other: whether one serves, how carefully it is asked, when it must
 * leave. All times are in ms of `performance.now`.
 */
export class Tenure {
  /** Which isolate it is. */
  generation = 0
  readonly #renewalMs: number
  #serving = false
  #idleSince: number = performance.now()
  #singleUntil = 0
  /** No isolate is made anew for being full before. */
  #renewFrom = 0
  #leaveUntil: number | undefined

  /** @param renewalMs how long after one was made anew for being full the next one is not. */
  constructor(renewalMs: number) {
    this.#renewalMs = renewalMs
  }

  /** An isolate of the present generation is there; `active` plugins lose theirs for moments. */
  get isServing(): boolean {
    return this.#serving
  }

  /** Since when none is there; 0: one is. */
  get idleSince(): number {
    return this.#serving ? 0 : this.#idleSince
  }

  /** It is asked nothing new, and goes as soon as it is owed nothing. */
  get isLeaving(): boolean {
    return this.#leaveUntil !== undefined
  }

  /** The next one is made. @returns for how long it need not look whether it is full, in ms. */
  next(now: number): number {
    this.generation += 1
    return Math.max(0, Math.ceil(this.#renewFrom - now))
  }

  serve(): void {
    this.#serving = true
  }

  end(): void {
    if (this.#serving) this.#idleSince = performance.now()
    this.#serving = false
    this.#leaveUntil = undefined
  }

  /** It may bring its cell to an end: for a while questions come alone. */
  suspect(): void {
    this.#singleUntil = performance.now() + SINGLE_MS
  }

  /** How many questions may travel together. */
  together(now: number): number {
    return now < this.#singleUntil ? 1 : Number.POSITIVE_INFINITY
  }

  /**
   * It says that it is full. Hostile: at most once in `renewalMs` this has consequences.
   *
   * @param patienceMs how long what it is owed may keep it.
   */
  leave(now: number, patienceMs: number): void {
    if (!this.#serving || this.isLeaving || now < this.#renewFrom) return
    this.#renewFrom = now + this.#renewalMs
    this.#leaveUntil = now + patienceMs
  }

  /** @param isOwed whether anything in it waits, or is done for it. */
  mayGo(now: number, isOwed: boolean): boolean {
    return this.#leaveUntil !== undefined && (!isOwed || now >= this.#leaveUntil)
  }
}
