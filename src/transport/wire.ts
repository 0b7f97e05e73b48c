/** What becomes of a wire: called by it, in this order, `end` last and once. */
export interface WireEvents {
  data(chunk: Buffer): void
  /** What was waiting has been taken by the kernel. */
  drained(): void
  /** The peer is gone, or has said that it sends no more; `error` when it was not its wish. */
  ended(error: Error | null): void
}

/** A byte stream to one client, whatever carries it. */
export interface Wire {
  readonly remoteAddress: string
  /** Bytes that the kernel has not taken yet. */
  readonly backlog: number
  /** Writes. True: the bytes have been taken, and the buffer is the caller's again. */
  write(bytes: Buffer): boolean
  pause(): void
  resume(): void
  /** Says that no more will come, and goes on reading until the peer says so too. */
  end(): void
  destroy(): void
}
