import { CLIENT_RETRY_FIRST_MS } from '../base/limits.ts'

/** How a connection that breaks is tried again. */
export interface RetryPolicy {
  /** In a row, before it is given up; `Infinity`: never. */
  readonly retries: number
  /** The waits begin with a second and double up to this one. */
  readonly maxIntervalMs: number
  /** Whether a first connection that does not come about is tried again, too. */
  readonly fromStart: boolean
}

/** Counts the attempts in a row, and says how long to wait before the next. */
export class Reconnect {
  readonly #policy: RetryPolicy | undefined
  #isAllowed: boolean
  #failed = 0

  /** @param policy undefined: it is never tried again. */
  constructor(policy: RetryPolicy | undefined) {
    this.#policy = policy
    this.#isAllowed = policy?.fromStart ?? false
  }

  /** The wait before the next attempt; 0: there is none. */
  get waitMs(): number {
    if (this.#policy === undefined || !this.#isAllowed || this.#failed >= this.#policy.retries) return 0
    return Math.min(
      CLIENT_RETRY_FIRST_MS * 2 ** Math.min(this.#failed, MOST_DOUBLINGS),
      this.#policy.maxIntervalMs,
    )
  }

  /** A further attempt begins. */
  attempt(): void {
    this.#failed += 1
  }

  /** It stands: what breaks now is counted anew. */
  stands(): void {
    this.#isAllowed = true
    this.#failed = 0
  }
}

/** Past it the doubled wait is above any bound. */
const MOST_DOUBLINGS = 30
