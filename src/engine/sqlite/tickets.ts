import type { Ticket } from '../engine.ts'
import type { Store } from './store.ts'

/** Who waits for what was written; they wait for nothing that is still to be. */
interface Waiter {
  readonly batch: number
  readonly tell: () => void
}

/** Tickets are the numbers of batches: the disk takes one after the other. */
export class Tickets {
  readonly #store: Store
  readonly #settled: (upTo: Ticket) => void
  readonly #waiters: Waiter[] = []

  constructor(store: Store, settled: (upTo: Ticket) => void) {
    this.#store = store
    this.#settled = settled
  }

  /** Stands for all that has been written; 0: it is safe. */
  now(): Ticket {
    const { lastWritten, lastSafe } = this.#store
    return lastWritten <= lastSafe ? 0 : lastWritten
  }

  whenSafe(then: () => void): void {
    const { lastWritten, lastSafe } = this.#store
    // who asked earlier may be about to be told
    if (lastWritten <= lastSafe && this.#waiters.length === 0) then()
    else this.#waiters.push({ batch: lastWritten, tell: then })
  }

  /** A batch is safe. */
  committed(): void {
    this.#settled(this.#store.lastSafe)
    for (let head = this.#waiters[0]; head !== undefined; head = this.#waiters[0]) {
      if (head.batch > this.#store.lastSafe) return
      this.#waiters.shift()
      head.tell()
    }
  }
}
