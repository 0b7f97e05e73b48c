/** What becomes of a wire: called by it, in this order, `end` last and once. */
export interface WireEvents {
  data(chunk: Buffer): void
  /** What was waiting has been taken by the kernel. */
  drained(): void
  /** The peer is gone, or has said that it sends no more; `error` when it was not its wish. */
  ended(error: Error | null): void
}

/** What a WebSocket's first request said. */
export interface Upgrade {
  /** With its query. */
  readonly path: string
  readonly host: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
}

/** A byte stream to one client, whatever carries it. */
export interface Wire {
  readonly remoteAddress: string
  /** The HTTP request that it began with; null: it began with MQTT. */
  readonly upgrade: Upgrade | null
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
