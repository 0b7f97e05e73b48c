/**
 * Where state lives: one contract, types only. `memory/` implements it now, a durable store and a cluster
 * later; one contract suite runs on every implementation. Nothing outside `engine/` may assume that it sees
 * all sessions or all subscribers: a message that is published here comes back through
 * {@link EnginePorts.route} on every node that has a matching subscriber, this one included.
 */

import type { Histogram } from '../base/histogram.ts'

/**
 * Stands for what was written up to now and is not safe yet; 0 and {@link Unheard}: it is. Numbers do not go
 * down; settling goes in order.
 */
export type Ticket = number

/** The ticket of what is settled already, and has no subscriber on any node; who cannot tell says 0. */
export type Unheard = -1

/** Of a publish that not all of its subscribers have yet, as where plugins are asked who receives it. */
export type Unrouted = -2

export interface EnginePorts<M, S> {
  /**
   * A message of this or another node, to be matched against this node's subscribers, away or not.
   *
   * @param routed called when all of them have it, perhaps within this call; null: nobody waits for that.
   * @returns false: there is none.
   */
  route(tenant: string, message: M, routed: (() => void) | null): boolean
  /** Every ticket up to this one is settled: what waits for it may be acknowledged. Called once a batch. */
  settled(upTo: Ticket): void
  /**
   * At the start, before all else: the broker's own documents of the kind `tenant`, so that the tenants are
   * there whose sessions follow.
   */
  tenants(documents: readonly StoredDocument[]): void
  /**
   * At the start: a session as it was left.
   *
   * @returns null: nobody wants it, as where its tenant is gone; it stays where it is.
   */
  restored(stored: StoredSession<M>): S | null
  /** At the start: a retained message as it was left. */
  retained(tenant: string, topic: string, message: M): void
  /** What is written cannot be made safe, and is not acknowledged meanwhile; null: it can again. */
  troubled(why: string | null): void
  /** Nothing is kept any more, nor acknowledged that was to be: the node is to end. Called once. */
  lost(why: string): void
}

export interface Engine<M, S> {
  /** Sessions are restored before it resolves. */
  start(ports: EnginePorts<M, S>): Promise<void>
  stop(): Promise<void>
  /**
   * Hands a message over. No promise a message: the ticket is all that the caller keeps.
   *
   * @param routed is told the ticket later, where this returns {@link Unrouted}; null: nobody waits for it.
   */
  publish(tenant: string, message: M, routed: ((ticket: Ticket) => void) | null): Ticket
  /** More waits to be made safe than should: publishers of QoS 1 and 2 are to be held. */
  readonly congested: boolean
  /** Nothing is made safe, and as much waits for it as may: who would write more is held, or refused. */
  readonly stuck: boolean
  /** Grows with whatever is written down. */
  readonly written: number
  /** Whether each publish is settled by the time the call returns, so that it may be told of beforehand. */
  readonly settlesAtOnce: boolean
  readonly retained: RetainedStore<M>
  readonly sessions: SessionStore<M, S>
  readonly kv: KvStore
  readonly documents: DocumentStore
  readonly blobs: BlobStore
  readonly audit: AuditStore
  /** How writing goes; null: nothing is written down. */
  readonly writing: WritingCounts | null
  /**
   * Deletes all that a tenant has but its audit; its connections have ended. It resolves when it is safe that
   * nothing of it comes back.
   */
  forget(tenant: string): Promise<void>
}

/** Of batches that were made safe since the start. */
export interface WritingCounts {
  /** From when a batch was handed over until it was safe. */
  readonly commitSeconds: Histogram
  /** What each held. */
  readonly batchOperations: Histogram
}

export interface RetainedStore<M> {
  /** Replaces the topic's retained message. */
  set(tenant: string, topic: string, message: M): Ticket
  clear(tenant: string, topic: string): Ticket
  /** As {@link set}, of what is not written down: it ends with this process, as the broker's own news do. */
  setForNow(tenant: string, topic: string, message: M): void
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
export interface SessionStore<M, S> {
  /**
   * Answers through `opener`, perhaps within this call. `fresh`: what was stored is dropped, not returned.
   */
  open(tenant: string, clientId: string, fresh: boolean, opener: SessionOpener<M, S>): void
  /**
   * Keeps the session until `expiresAt` (ms since epoch; Infinity: for ever). False: the epoch is not the
   * owner's.
   */
  save(tenant: string, clientId: string, epoch: number, session: S, expiresAt: number): boolean
  remove(tenant: string, clientId: string, epoch: number): boolean
  count(tenant: string): number
}

export interface SessionOpener<M, S> {
  /** @param log where the session is to be written down as it changes; null: it ends with this process. */
  opened(epoch: number, stored: S | null, log: SessionLog<M> | null): void
}

/**
 * What outlives a process of one session, written by its owner as it changes. Nothing is looked into: texts
 * are the owner's, and come back as they were. What must be safe before the client is told waits for
 * {@link ticket}, or {@link whenSafe}.
 */
export interface SessionLog<M> {
  /** The session is to be kept from here on: whose it is, and how it is to be taken up again. */
  describe(about: string): void
  /** Forgets all that was written: another session begins in its place. */
  clear(): void
  subscribed(filter: string, how: string): void
  unsubscribed(filter: string): void
  /**
   * The client is owed a message.
   *
   * @param packetId under which it is sent; 0: it waits.
   * @returns its place, which grows.
   */
  owed(message: M, how: string, packetId: number): number
  launched(place: number, packetId: number): void
  /** It is sent as another message, and in another way, than it is owed as. */
  changed(place: number, form: M, how: string): void
  /** PUBREC has come for it, behind all for which it has come before. */
  released(place: number): void
  /** The client has it, or is not to have it. */
  settled(place: number): void
  /** A QoS 2 message has come from the client, … */
  received(packetId: number): void
  /** … and is released. */
  forgotten(packetId: number): void
  /** What is to be published when the client is gone; null: nothing. */
  will(message: M | null, how: string): void
  /** Reads what is owed behind a place, in order. */
  read(after: number, limit: number, reader: (entries: readonly OwedMessage<M>[]) => void): void
  /** All that this node wrote up to now is safe when it is settled; 0: it is. */
  readonly ticket: Ticket
  /** Calls `then` when all that this node wrote up to now is safe, perhaps at once; in order of asking. */
  whenSafe(then: () => void): void
}

/** A message that a client is owed, as it was written down. */
export interface OwedMessage<M> {
  readonly place: number
  readonly message: M
  /** What it was sent as, where that was another message. */
  readonly form: M | null
  readonly how: string
  /** 0: it was not sent under one. */
  readonly packetId: number
  /** 0: no PUBREC has come for it; else what grows in the order in which they came. */
  readonly released: number
}

/** A session as an earlier process left it. */
export interface StoredSession<M> {
  readonly tenant: string
  readonly clientId: string
  readonly epoch: number
  readonly about: string
  /** In ms since the epoch; Infinity: its client was there, or it waits for ever. */
  readonly expiresAt: number
  readonly subscriptions: readonly (readonly [filter: string, how: string])[]
  /** What was sent, and the first of what waits. */
  readonly owed: readonly OwedMessage<M>[]
  /** How many are owed in all, and the bytes of those that are not in {@link owed}. */
  readonly owedCount: number
  readonly owedBytes: number
  readonly received: readonly number[]
  readonly will: { readonly message: M; readonly how: string } | null
  readonly log: SessionLog<M>
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
  /** Bytes of keys and values in UTF-8, by tenant, of those that have any. */
  used(): Promise<ReadonlyMap<string, number>>
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
 * What operators and tenants manage, as opposed to what clients do: tenants, tokens, credentials, versions of
 * plugins. Few and small; an answer says that what it tells of is safe. Tenant, kind and key are separate
 * fields wherever they are stored; the tenant '' is the broker itself.
 */
export interface DocumentStore {
  get(tenant: string, kind: string, key: string): Promise<StoredDocument | undefined>
  /** Those of a kind whose keys come after `after`, in the order of their keys' UTF-8 bytes. */
  list(
    tenant: string,
    kind: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly StoredDocument[]>
  /** Does all of the changes, or none of them. */
  change(changes: readonly DocumentChange[]): Promise<DocumentsChanged>
}

export interface StoredDocument {
  readonly key: string
  readonly text: string
  /** From 1; grows with each change of any document, and is never given twice. */
  readonly revision: number
}

export interface DocumentChange {
  readonly tenant: string
  readonly kind: string
  readonly key: string
  /** Null: it is deleted; that it was not there is no failure. */
  readonly text: string | null
  /** The revision that it must have (0: it must not be there); undefined: whatever is. */
  readonly ifRevision?: number | undefined
}

/**
 * How a change ended. `ok` false: nothing was changed, since the document at this place of the changes had
 * another revision, or its tenant has as many of that kind as it may.
 */
export type DocumentsChanged =
  | { readonly ok: true; readonly revision: number }
  | { readonly ok: false; readonly place: number; readonly why: 'revision' | 'full' }

/** Bytes that are found by what they are, as bundles of plugins. Each tenant's are its own. */
export interface BlobStore {
  /**
   * @param quotaBytes of all blobs of the tenant together.
   * @returns the sha256 of the bytes in hex; null: there is no room. Putting the same twice is putting it
   * once.
   */
  put(tenant: string, bytes: Uint8Array, quotaBytes: number): Promise<string | null>
  get(tenant: string, digest: string): Promise<Uint8Array | undefined>
  /** Ends well, too, where there was nothing to delete. */
  delete(tenant: string, digest: string): Promise<void>
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
