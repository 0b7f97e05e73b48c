/**
 * The PUBRECs of one connection before MQTT 5, where a client cannot be told how many messages it may have
 * under way: that of one too many waits until another message is released.
 */
export class Receipts {
  readonly #most: number
  /** Packet identifiers whose PUBREC has gone, and whose PUBREL has not come. */
  readonly #open = new Set<number>()
  /** Those whose PUBREC waits, in the order in which they came [3.1.1 MQTT-4.6.0-3]. */
  readonly #waiting = new Set<number>()

  constructor(most: number) {
    this.#most = most
  }

  /** Whether PUBREC may go now; if not, its message waits to be {@link released} for. */
  mayGo(packetId: number): boolean {
    if (this.#open.has(packetId)) return true
    if (this.#waiting.size === 0 && this.#open.size < this.#most) {
      this.#open.add(packetId)
      return true
    }
    this.#waiting.add(packetId)
    return false
  }

  /** @returns the message whose PUBREC may go now in place of this one's; 0: none. */
  released(packetId: number): number {
    this.#waiting.delete(packetId)
    if (!this.#open.delete(packetId)) return 0
    const [next = 0] = this.#waiting
    if (next > 0) {
      this.#waiting.delete(next)
      this.#open.add(next)
    }
    return next
  }
}
