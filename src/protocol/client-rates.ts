import { CLIENT_LIMIT_TOLD_MS } from '../base/limits.ts'
import { TokenBucket } from '../base/token-bucket.ts'

/** The rates that a plugin has set for one client, and which of them is met. */
export class ClientRates {
  readonly #publishPerSec: number
  readonly #bytesPerSec: number
  readonly #publishes: TokenBucket
  readonly #bytes: TokenBucket
  #toldAt = Number.NEGATIVE_INFINITY

  /** @param now on the monotonic clock, in ms. */
  constructor(
    publishPerSec: number | undefined,
    bytesPerSec: number | undefined,
    now: number = performance.now(),
  ) {
    this.#publishPerSec = publishPerSec ?? Number.POSITIVE_INFINITY
    this.#bytesPerSec = bytesPerSec ?? Number.POSITIVE_INFINITY
    this.#publishes = new TokenBucket(this.#publishPerSec, now)
    this.#bytes = new TokenBucket(this.#bytesPerSec, now)
  }

  /**
   * Takes one PUBLISH of so many bytes.
   *
   * @param met told, once in a while, of the limit that is overdrawn.
   * @returns the milliseconds until the debt is paid.
   */
  take(
    bytes: number,
    met: (limit: 'publishPerSec' | 'bytesPerSec', value: number) => void,
    now: number = performance.now(),
  ): number {
    const publishMs = this.#publishes.take(1, now)
    const bytesMs = this.#bytes.take(bytes, now)
    const overdrawnMs = Math.max(publishMs, bytesMs)
    if (overdrawnMs > 0 && now - this.#toldAt >= CLIENT_LIMIT_TOLD_MS) {
      this.#toldAt = now
      if (bytesMs > publishMs) met('bytesPerSec', this.#bytesPerSec)
      else met('publishPerSec', this.#publishPerSec)
    }
    return overdrawnMs
  }
}

/** Null: no plugin has set any. */
export function ratesOf(
  asked: { readonly publishPerSec?: number; readonly bytesPerSec?: number } = {},
): ClientRates | null {
  const { publishPerSec, bytesPerSec } = asked
  return publishPerSec === undefined && bytesPerSec === undefined
    ? null
    : new ClientRates(publishPerSec, bytesPerSec)
}
