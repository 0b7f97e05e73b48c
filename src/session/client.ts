import type { ProtocolVersion } from '../codec/packet-type.ts'

/** The number by which plugins' questions name a client; the plugin host makes it. */
export interface SubjectRef {
  readonly ref: number
  readonly json: string
  /** Whose strikes the questions about it are. */
  readonly source: string
  release(): void
}

/** What plugins have said of a client in advance: made and understood by the hooks room alone. */
export interface StandingRef {
  /** Nothing: every question has to be asked. */
  readonly isEmpty: boolean
  /** The client's connection has ended: what was said of it for a while is forgotten. */
  close(): void
}

/** Who is connected, as authentication left it. Frozen: a client whose identity changes is a new one. */
export interface Client {
  readonly clientId: string
  /** Who this was found to be: never an unverified user name. */
  readonly principal: string
  readonly username: string | undefined
  readonly roles: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
  readonly protocolVersion: ProtocolVersion
  readonly listener: string
  readonly remoteAddress: string
  /** In ms since the epoch. */
  readonly connectedAt: number
  /** All of the above as plugins see it, as JSON text; '' where the tenant has no plugins. */
  readonly json: string
  /** Null where the tenant has no plugins to tell. */
  readonly subject: SubjectRef | null
  readonly standing: StandingRef
}
