import { SOURCE_RETRY_MS } from '../base/limits.ts'
import type { SourceObserver } from './source.ts'

/**
 * Whether a source can be reached. One that cannot is left alone for a while, which doubles: who asks
 * meanwhile is told at once. The operator hears of the first failure, of each of another kind, and of the
 * recovery.
 */
export class Availability {
  readonly #source: string
  readonly #observer: SourceObserver
  #delayMs = 0
  #blockedUntil = Number.NEGATIVE_INFINITY
  #reported = ''

  /** @param source as the log calls it: `database users`. */
  constructor(source: string, observer: SourceObserver) {
    this.#source = source
    this.#observer = observer
  }

  /** @param now in ms, from any origin. */
  isBlocked(now: number): boolean {
    return now < this.#blockedUntil
  }

  /** It could not be reached. */
  failed(detail: string, now: number): void {
    this.#delayMs = this.#delayMs === 0 ? SOURCE_RETRY_MS.first : this.#delayMs * 2
    this.#delayMs = Math.min(this.#delayMs, SOURCE_RETRY_MS.last)
    this.#blockedUntil = now + this.#delayMs
    this.complain(detail)
  }

  /** It was reached, and does not do what it is asked: nothing that waiting would mend. */
  complain(detail: string): void {
    if (detail === this.#reported) return
    this.#reported = detail
    this.#observer.sourceFailed(this.#source, detail)
  }

  /** It has answered. */
  answered(): void {
    this.#delayMs = 0
    if (this.#reported === '') return
    this.#reported = ''
    this.#observer.sourceRecovered(this.#source)
  }
}
