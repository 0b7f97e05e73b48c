import type { Ticket } from '../engine.ts'
import type { Store } from './store.ts'

/** What waits for its batch; Infinity: it is not known yet which one that is. */
interface Slot {
  readonly ticket: Ticket
  batch: number
}

/** Who waits for what was written; they wait for nothing that is still to be. */
interface Waiter {
  readonly batch: number
  readonly tell: () => void
}

/**
 * Tickets in the order in which they were asked for, each settled when all before it are and the batch is
 * safe that holds what it stands for.
 */
export class Tickets {
  readonly #store: Store
  readonly #settled: (upTo: Ticket) => void
  readonly #waiting: Slot[] = []
  readonly #waiters: Waiter[] = []
  #last: Ticket = 0

  constructor(store: Store, settled: (upTo: Ticket) => void) {
    this.#store = store
    this.#settled = settled
  }

  /** Stands for all that has been written; 0: it is safe. */
  now(): Ticket {
    const { lastWritten, lastSafe } = this.#store
    return lastWritten <= lastSafe ? 0 : this.#issue(lastWritten).ticket
  }

  whenSafe(then: () => void): void {
    const { lastWritten, lastSafe } = this.#store
    // who asked earlier may be about to be told
    if (lastWritten <= lastSafe && this.#waiters.length === 0) then()
    else this.#waiters.push({ batch: lastWritten, tell: then })
  }

  /**
   * Stands for all that `work` writes, now and until it says that it is done.
   *
   * @returns 0: it has written nothing, and is done.
   */
  of(work: (done: () => void) => void): Ticket {
    const { written } = this.#store
    let slot: Slot | null = null
    let isDone = false
    work(() => {
      isDone = true
      if (slot === null) return
      slot.batch = this.#store.lastWritten
      this.#settle()
    })
    if (!isDone) slot = this.#issue(Number.POSITIVE_INFINITY)
    else if (this.#store.written !== written) slot = this.#issue(this.#store.lastWritten)
    return slot === null ? 0 : slot.ticket
  }

  /** A batch is safe. */
  committed(): void {
    this.#settle()
    for (let head = this.#waiters[0]; head !== undefined; head = this.#waiters[0]) {
      if (head.batch > this.#store.lastSafe) return
      this.#waiters.shift()
      head.tell()
    }
  }

  #issue(batch: number): Slot {
    this.#last += 1
    const slot = { ticket: this.#last, batch }
    this.#waiting.push(slot)
    return slot
  }

  #settle(): void {
    const { lastSafe } = this.#store
    const open = this.#waiting.findIndex(({ batch }) => batch > lastSafe)
    const settled = this.#waiting.splice(0, open === -1 ? this.#waiting.length : open)
    const last = settled.at(-1)
    if (last === undefined) return
    this.#settled(last.ticket)
  }
}
