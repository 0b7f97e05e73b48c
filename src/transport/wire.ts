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

/**
 * What TLS says of the client. Its certificate has been verified, or there is none: then what would be in it
 * is empty.
 */
export interface TlsFacts {
  /** As RFC 2253 writes it: `CN=meter-7,O=Acme`. */
  readonly subject: string
  /** With their kinds: `DNS:meter-7.example`. */
  readonly subjectAltNames: readonly string[]
  /** In upper-case hexadecimal with colons. */
  readonly fingerprint256: string
  /** The name by which the client called the server, in lower case; empty: by none. */
  readonly serverName: string
}

/** Who has come, as far as the way here tells. */
export interface Arrival {
  /** Empty: it came over a Unix socket. */
  readonly remoteAddress: string
  /** Null: it came without TLS. */
  readonly tls: TlsFacts | null
}

/** A byte stream to one client, whatever carries it. */
export interface Wire extends Arrival {
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
