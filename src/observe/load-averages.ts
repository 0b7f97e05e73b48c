/** The spans that load is averaged over, in minutes. */
const SPANS = [1, 5, 15] as const

/**
 * How much of something came in a minute, of late: exponentially weighted averages, as mosquitto and the
 * load of a system have them.
 */
export class LoadAverages {
  readonly #averages = SPANS.map(() => 0)
  #total: number

  constructor(total = 0) {
    this.#total = total
  }

  /** @param total of what is counted, since ever. @param sec since the last time, above 0. */
  update(total: number, sec: number): void {
    const perMinute = ((total - this.#total) * 60) / sec
    this.#total = total
    for (const [place, minutes] of SPANS.entries()) {
      const kept = Math.exp(-sec / (60 * minutes))
      this.#averages[place] = perMinute + kept * ((this.#averages[place] ?? 0) - perMinute)
    }
  }

  /** By the last level of their topics: `1min`, `5min`, `15min`. */
  get values(): readonly (readonly [string, string])[] {
    return SPANS.map((minutes, place) => [`${minutes}min`, (this.#averages[place] ?? 0).toFixed(2)] as const)
  }
}
