import { CELL_USE_HALVES_MS } from '../../limits.ts'

/**
 * How much a tenant has made its cells work lately, in ms: what is long ago counts less. It tells the greedy
 * from the polite when there are fewer places than tenants that want one.
 */
export class CellUse {
  #ms = 0
  #countedAt: number

  /** @param now in ms, from any origin, which all calls share. */
  constructor(now: number) {
    this.#countedAt = now
  }

  worked(ms: number, now: number): void {
    this.#ms = this.at(now) + ms
    this.#countedAt = now
  }

  at(now: number): number {
    return this.#ms * 0.5 ** ((now - this.#countedAt) / CELL_USE_HALVES_MS)
  }
}
