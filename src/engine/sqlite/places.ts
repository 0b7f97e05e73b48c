import { Operation } from './operations.ts'
import type { Store } from './store.ts'

/**
 * The places of what sessions are owed, all from one counter, and where the gathering batch says something of
 * them: what a client has before the batch is sent need not be written. The slower the disk, the more of
 * what passes through never touches it.
 */
export class Places {
  /** The highest place that was given. */
  last = 0
  readonly #store: Store
  #batch = 0
  /** The first place of the gathering batch, … */
  #first = 1
  /** … and where that one and those behind it are enqueued. */
  readonly #enqueued: number[] = []
  /** Where earlier places are launched. */
  readonly #launched = new Map<number, number>()

  constructor(store: Store) {
    this.#store = store
  }

  /** The next place. @param at where its operation begins; -1: it is not written down. */
  enqueued(at: number): number {
    this.#turn()
    this.#enqueued.push(at)
    this.last += 1
    return this.last
  }

  /** @param at where the operation begins that writes its packet identifier down. */
  launched(place: number, at: number): void {
    this.#turn()
    this.#launched.set(place, at)
  }

  /**
   * What the gathering batch says of a place that is settled is taken back.
   *
   * @returns whether that was all: nothing else is written down of it.
   */
  takeBack(place: number): boolean {
    this.#turn()
    if (place >= this.#first) {
      const at = this.#enqueued[place - this.#first] ?? -1
      if (at >= 0) this.#store.replace(at, Operation.enqueueTakenBack)
      return true
    }
    const launchedAt = this.#launched.get(place)
    if (launchedAt !== undefined) {
      this.#store.replace(launchedAt, Operation.launchTakenBack)
      this.#launched.delete(place)
    }
    return false
  }

  /** What an earlier batch says is under way to the disk, or there. */
  #turn(): void {
    const { gathering } = this.#store
    if (this.#batch === gathering) return
    this.#batch = gathering
    this.#first = this.last + 1
    this.#enqueued.length = 0
    this.#launched.clear()
  }
}
