/** Which bound of a {@link QueueRoom} is met. */
export type QueueLimit = 'allQueuedMessages' | 'allQueuedBytes'

/**
 * What waits for all sessions of one tenant together, in memory or in the store: many sessions that each keep
 * their own bounds fill neither the memory nor the disk of their neighbours.
 */
export class QueueRoom {
  /** What waits may be more, where these were more before. */
  maxMessages: number
  maxBytes: number
  #messages = 0
  #bytes = 0

  constructor(maxMessages: number = Number.POSITIVE_INFINITY, maxBytes: number = Number.POSITIVE_INFINITY) {
    this.maxMessages = maxMessages
    this.maxBytes = maxBytes
  }

  get messages(): number {
    return this.#messages
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The bound that keeps one more message of so many bytes out; null: there is room for it. */
  metBy(bytes: number): QueueLimit | null {
    if (this.#messages >= this.maxMessages) return 'allQueuedMessages'
    return this.#bytes + bytes > this.maxBytes ? 'allQueuedBytes' : null
  }

  /** More waits, or, below zero, less. What an earlier process has let in is not asked about again. */
  add(messages: number, bytes: number): void {
    this.#messages += messages
    this.#bytes += bytes
  }
}
