import { FAILED_LOGINS } from '../base/limits.ts'

const MINUTE_MS = 60_000

/** What is known of an address since its first failure within a minute. */
interface Failures {
  readonly since: number
  count: number
}

/** Counts failed logins by address: who guesses passwords is not answered by checking them any more. */
export class FailedLogins {
  /** The one that failed first is the first. */
  readonly #byAddress = new Map<string, Failures>()

  /** @param now on the monotonic clock, in ms. */
  isBlocked(address: string, now: number = performance.now()): boolean {
    const known = this.#byAddress.get(address)
    if (known === undefined) return false
    if (now - known.since < MINUTE_MS) return known.count >= FAILED_LOGINS.perMin
    this.#byAddress.delete(address)
    return false
  }

  count(address: string, now: number = performance.now()): void {
    const known = this.#byAddress.get(address)
    if (known !== undefined && now - known.since < MINUTE_MS) {
      known.count += 1
      return
    }
    this.#byAddress.delete(address)
    const [oldest] = this.#byAddress.keys()
    if (oldest !== undefined && this.#byAddress.size >= FAILED_LOGINS.addresses)
      this.#byAddress.delete(oldest)
    this.#byAddress.set(address, { since: now, count: 1 })
  }
}
