/**
 * Where state lives: one contract, types only. `memory/` implements it now, a durable store and a cluster
 * later; one contract suite runs on every implementation. Nothing outside `engine/` may assume that it sees
 * all sessions or all subscribers: a message that is published here comes back through
 * {@link EnginePorts.route} on every node that has a matching subscriber, this one included.
 */

/**
 * Names a publish that is not durable yet; 0: it is settled already. Numbers grow; settling goes in order.
 */
export type Ticket = number

export interface EnginePorts<M> {
  /** A message of this or another node, to be matched against this node's subscribers. */
  route(tenant: string, message: M): void
  /** Every ticket up to this one is settled: what waits for it may be acknowledged. Called once a batch. */
  settled(upTo: Ticket): void
}

export interface Engine<M, S> {
  start(ports: EnginePorts<M>): Promise<void>
  stop(): Promise<void>
  /** Hands a message over. No promise a message: the ticket is all that the caller keeps. */
  publish(tenant: string, message: M): Ticket
  readonly retained: RetainedStore<M>
  readonly sessions: SessionStore<S>
}

export interface RetainedStore<M> {
  /** Replaces the topic's retained message. */
  set(tenant: string, topic: string, message: M): Ticket
  clear(tenant: string, topic: string): Ticket
  /** Calls `reader.retained` for each match, then `reader.done`: perhaps within this call, perhaps later. */
  match(tenant: string, filter: string, reader: RetainedReader<M>): void
  count(tenant: string): number
}

export interface RetainedReader<M> {
  retained(message: M): void
  done(): void
}

/**
 * Sessions have one owner, fenced by an epoch: whoever opened a session last owns it, and a write with an
 * older epoch is refused, so that a node that lost a client cannot overwrite its state.
 */
export interface SessionStore<S> {
  /**
   * Answers through `opener`, perhaps within this call. `fresh`: what was stored is dropped, not returned.
   */
  open(tenant: string, clientId: string, fresh: boolean, opener: SessionOpener<S>): void
  /**
   * Keeps the session until `expiresAt` (ms since epoch; Infinity: for ever). False: the epoch is not the
   * owner's.
   */
  save(tenant: string, clientId: string, epoch: number, session: S, expiresAt: number): boolean
  remove(tenant: string, clientId: string, epoch: number): boolean
  count(tenant: string): number
}

export interface SessionOpener<S> {
  opened(epoch: number, stored: S | null): void
}
