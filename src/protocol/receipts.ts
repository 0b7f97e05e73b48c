const NONE: readonly number[] = []

/**
 * The PUBRECs of one connection before MQTT 5, where a client cannot be told how many messages it may have
 * under way: that of one too many waits until another message is released.
 */
export class Receipts {
  readonly #most: number
  /** Packet identifiers whose PUBREC has gone, and whose PUBREL has not come. */
  readonly #open = new Set<number>()
  /**
   * Those whose PUBREC waits, in the order in which they came [3.1.1 MQTT-4.6.0-3], and whether all have the
   * message who are to have it: before, it waits for that as well.
   */
  readonly #waiting = new Map<number, boolean>()

  constructor(most: number) {
    this.#most = most
  }

  /** Whether PUBREC may go now; if not, it waits for others to be {@link released} or {@link routed}. */
  mayGo(packetId: number, isRouted: boolean): boolean {
    if (this.#open.has(packetId)) return true
    if (this.#waiting.has(packetId)) return false
    if (this.#waiting.size === 0 && this.#open.size < this.#most) {
      this.#open.add(packetId)
      return true
    }
    this.#waiting.set(packetId, isRouted)
    return false
  }

  /** @returns the messages whose PUBRECs may go, now that all have this one. */
  routed(packetId: number): readonly number[] {
    if (!this.#waiting.has(packetId)) return NONE
    this.#waiting.set(packetId, true)
    return this.#next()
  }

  /** @returns the messages whose PUBRECs may go, now that this one is released. */
  released(packetId: number): readonly number[] {
    this.#waiting.delete(packetId)
    this.#open.delete(packetId)
    return this.#next()
  }

  #next(): readonly number[] {
    if (this.#waiting.size === 0) return NONE
    const next: number[] = []
    for (const [packetId, isRouted] of this.#waiting) {
      if (!isRouted || this.#open.size >= this.#most) break
      this.#waiting.delete(packetId)
      this.#open.add(packetId)
      next.push(packetId)
    }
    return next
  }
}
