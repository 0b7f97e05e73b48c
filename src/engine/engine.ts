/**
 * Where state lives: one contract, types only. `memory/` implements it now, a durable store and a cluster
 * later; one contract suite runs on every implementation. Nothing outside `engine/` may assume that it sees
 * all sessions or all subscribers: a message that is published here comes back through
 * {@link EnginePorts.route} on every node that has a matching subscriber, this one included.
 */

/**
 * Names a publish that is not durable yet; 0 and {@link Unheard}: it is settled already. Numbers grow;
 * settling goes in order.
 */
export type Ticket = number

/** The ticket of what is settled already, and has no subscriber on any node; who cannot tell says 0. */
export type Unheard = -1

export interface EnginePorts<M> {
  /**
   * A message of this or another node, to be matched against this node's subscribers, away or not.
   *
   * @returns false: there is none.
   */
  route(tenant: string, message: M): boolean
  /** Every ticket up to this one is settled: what waits for it may be acknowledged. Called once a batch. */
  settled(upTo: Ticket): void
}

export interface Engine<M, S> {
  start(ports: EnginePorts<M>): Promise<void>
  stop(): Promise<void>
  /** Hands a message over. No promise a message: the ticket is all that the caller keeps. */
  publish(tenant: string, message: M): Ticket
  /** Whether each publish is settled by the time the call returns, so that it may be told of beforehand. */
  readonly settlesAtOnce: boolean
  readonly retained: RetainedStore<M>
  readonly sessions: SessionStore<S>
  readonly kv: KvStore
  readonly audit: AuditStore
}

export interface RetainedStore<M> {
  /** Replaces the topic's retained message. */
  set(tenant: string, topic: string, message: M): Ticket
  clear(tenant: string, topic: string): Ticket
  /**
   * Calls `reader.retained` for each match until it has enough, then `reader.done`: perhaps within this call,
   * perhaps later.
   */
  match(tenant: string, filter: string, reader: RetainedReader<M>): void
  count(tenant: string): number
}

export interface RetainedReader<M> {
  /** @returns whether more is wanted. */
  retained(message: M): boolean
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

/**
 * What plugins keep. Every plugin of every tenant has a space of its own; tenant, plugin and key are separate
 * fields wherever they are stored, so that no key reaches out of its space. Linearizable a key.
 */
export interface KvStore {
  get(tenant: string, plugin: string, key: string): Promise<KvEntry | undefined>
  /**
   * @param ifVersion write only if the key has this version (0: if it is not there); undefined: whatever is.
   */
  set(
    tenant: string,
    plugin: string,
    key: string,
    value: string,
    ifVersion: number | undefined,
    quota: KvQuota,
  ): Promise<KvWritten | 'full'>
  /** Ends well, too, where there was nothing to delete. */
  delete(tenant: string, plugin: string, key: string, ifVersion: number | undefined): Promise<KvWritten>
  /** Those whose keys begin with `prefix` and come after `after`, in the order of their keys' UTF-8 bytes. */
  list(
    tenant: string,
    plugin: string,
    prefix: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly KvEntry[]>
}

export interface KvEntry {
  readonly key: string
  readonly value: string
  /** From 1; grows with each write of the key, and is never given to it twice, not even after a delete. */
  readonly version: number
}

/** How a write ended; `ok: false`: the key had another version, and nothing was written. */
export interface KvWritten {
  readonly ok: boolean
  /** The key's version now; 0: it is not there. */
  readonly version: number
}

/** Bytes of keys and values together, in UTF-8: of the space, and of all spaces of its tenant. */
export interface KvQuota {
  readonly pluginBytes: number
  readonly tenantBytes: number
}

/**
 * What an operator must be able to find later. Bounded: past its bound the oldest record of whoever has more
 * than a fair share of it goes, so that nobody writes a neighbour's records out.
 */
export interface AuditStore {
  append(record: AuditRecord): void
  /** The newest that there are, the newest last. */
  read(filter?: AuditFilter): Promise<readonly AuditRecord[]>
}

export interface AuditFilter {
  /** Absent: all tenants. */
  readonly tenant?: string | undefined
  /** Absent: all that are kept. */
  readonly limit?: number | undefined
}

/** Who did, or was refused, what. No payloads, no secrets; texts are bounded, and may be a stranger's. */
export interface AuditRecord {
  /** In ms since the epoch. */
  readonly at: number
  readonly tenant: string
  readonly plugin: string
  /** Of the plugin's bundle: hex of its sha256; '' where there is none. */
  readonly digest: string
  readonly event: string
  /** The hook, or the power, that it is about. */
  readonly where: string
  /** How a call ended, where it did not end well; else ''. */
  readonly outcome: string
  readonly detail: string
  /** How many alike this record stands for. */
  readonly count: number
}
