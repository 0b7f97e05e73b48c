import { CPU_BURST_MS, CPU_PAUSE_MS } from '../../limits.ts'
import { Budget } from '../budget.ts'

/**
 * The CPU time of a tenant: a share of one core in the long run, and some at once above it. While it is
 * overdrawn the tenant's cell gets nothing new to do.
 */
export class CpuShare {
  readonly #budget: Budget
  /** Since when it is overdrawn again and again. */
  #hungrySince: number | undefined
  #overdrawnAt = Number.NEGATIVE_INFINITY

  /** @param share of one core. @param now in ms, from any origin, which all calls share. */
  constructor(share: number, now: number) {
    this.#budget = new Budget(CPU_BURST_MS, share, now)
  }

  use(cpuMs: number, now: number): void {
    this.#budget.spend(cpuMs, now)
  }

  isOverdrawn(now: number): boolean {
    if (this.#budget.balance(now) < 0) {
      if (now - this.#overdrawnAt >= CPU_PAUSE_MS) this.#hungrySince = now
      this.#overdrawnAt = now
      return true
    }
    if (now - this.#overdrawnAt >= CPU_PAUSE_MS) this.#hungrySince = undefined
    return false
  }

  /** How long it is overdrawn already, short pauses included, in ms; 0 when it is not. */
  hungryForMs(now: number): number {
    return this.#hungrySince === undefined ? 0 : now - this.#hungrySince
  }

  /** What was is forgotten; what is owed is still owed. */
  forgive(): void {
    this.#hungrySince = undefined
    this.#overdrawnAt = Number.NEGATIVE_INFINITY
  }
}
