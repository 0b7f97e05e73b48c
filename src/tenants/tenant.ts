import { Lanes } from '../base/lanes.ts'
import { mapKey } from '../base/map-key.ts'
import { TokenBucket } from '../base/token-bucket.ts'
import { Headcount, Tallies, Traffic } from '../base/traffic.ts'
import type { WorkTurns } from '../base/work-turns.ts'
import { SubscriptionTree } from '../router/subscription-tree.ts'
import type { Quotas } from '../session/quotas.ts'
import type { Session } from '../session/session.ts'
import { QueueRoom } from '../session/queue-room.ts'
import { WillRoom } from '../session/will-room.ts'

/** How messages leave. */
export interface DeliveryRules {
  readonly upgradeOutgoingQos: boolean
  readonly queueQos0Messages: boolean
}

export interface TenantSettings {
  readonly name: string
  readonly anonymous: boolean
  readonly quotas: Quotas
  readonly delivery: DeliveryRules
  /** Messages a second from all of its plugins together. */
  readonly limits: { readonly publishesPerSec: number }
}

/** A topic's retained message, as far as the quota counts it. */
export interface RetainedSize {
  readonly topic: string
  /** 0: it has none any more. */
  readonly bytes: number
}

/** What bounds retained messages. */
export type RetainedQuota = 'retainedMessages' | 'retainedBytes'

const RATE_TOLD_EVERY_MS = 1000

/** Told of what a tenant meets. */
export interface TenantObserver<Message, Client, Reason, Voice> {
  dropped(session: Session, message: Message, reason: Reason): void
  /** A delivery was refused. */
  notReceived(session: Session, message: Message, voices: readonly Voice[]): void
  quotaExceeded(limit: keyof Quotas, client: Client | null): void
  /** A limit that a plugin has set for one client was met. */
  clientLimitMet(limit: string, value: number, client: Client): void
}

/**
 * One tenant: its own topic space, sessions, connections and quotas. Nothing in here is shared with a
 * neighbour. What it holds of rooms to the right (its hooks, its peers) it holds without knowing their types.
 */
export class Tenant<Hooks, Peer, Message, Client, Reason, Voice> {
  readonly name: string
  /** Those of all tenants: this one's work is done under its name. */
  readonly turns: WorkTurns
  /** Replaced when a plugin that did not build does so later. */
  hooks: Hooks
  readonly subscriptions: SubscriptionTree<Session> = new SubscriptionTree()
  readonly deliveries: Lanes = new Lanes()
  readonly traffic: Traffic = new Traffic()
  /** Clients that are connected. */
  readonly headcount: Headcount = new Headcount()
  readonly tallies: Tallies = new Tallies()
  spreading = 0
  readonly sessions: Map<string, Session> = new Map()
  readonly peers: Set<Peer> = new Set()
  readonly wills: WillRoom
  readonly queueRoom: QueueRoom
  #settings: TenantSettings
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  readonly #pluginMessages: TokenBucket
  /** The size of each retained message, for the quota. */
  readonly #retained = new Map<string, number>()
  #retainedBytes = 0
  #rateToldAt = Number.NEGATIVE_INFINITY
  readonly #observer: TenantObserver<Message, Client, Reason, Voice>

  constructor(
    settings: TenantSettings,
    hooks: Hooks,
    observer: TenantObserver<Message, Client, Reason, Voice>,
    turns: WorkTurns,
  ) {
    this.name = settings.name
    this.#settings = settings
    this.wills = new WillRoom(settings.quotas.willBytes)
    this.queueRoom = new QueueRoom(settings.quotas.allQueuedMessages, settings.quotas.allQueuedBytes)
    this.hooks = hooks
    this.turns = turns
    this.#observer = observer
    this.#messages = new TokenBucket(settings.quotas.messagesPerSec)
    this.#bytes = new TokenBucket(settings.quotas.bytesPerSec)
    this.#pluginMessages = new TokenBucket(settings.limits.publishesPerSec)
  }

  get anonymous(): boolean {
    return this.#settings.anonymous
  }

  get quotas(): Quotas {
    return this.#settings.quotas
  }

  get delivery(): DeliveryRules {
    return this.#settings.delivery
  }

  /** It is set otherwise from now on; what is counted stays so. Sessions that are there keep their own. */
  become(settings: TenantSettings): void {
    this.#settings = settings
    const { quotas, limits } = settings
    this.wills.mostBytes = quotas.willBytes
    this.queueRoom.maxMessages = quotas.allQueuedMessages
    this.queueRoom.maxBytes = quotas.allQueuedBytes
    this.#messages.become(quotas.messagesPerSec)
    this.#bytes.become(quotas.bytesPerSec)
    this.#pluginMessages.become(limits.publishesPerSec)
  }

  dropped(session: Session, message: Message, reason: Reason): void {
    this.#observer.dropped(session, message, reason)
  }

  notReceived(session: Session, message: Message, voices: readonly Voice[]): void {
    this.#observer.notReceived(session, message, voices)
  }

  quotaExceeded(limit: keyof Quotas, client: Client | null): void {
    this.#observer.quotaExceeded(limit, client)
  }

  clientLimitMet(limit: string, value: number, client: Client): void {
    this.#observer.clientLimitMet(limit, value, client)
  }

  /** What retained messages take of the quota. */
  get retainedBytes(): number {
    return this.#retainedBytes
  }

  /**
   * Takes so many bytes and messages from the rates; the milliseconds by which the slower one is overdrawn.
   */
  takeRate(bytes: number, client: Client | null, messages = 1): number {
    const { messagesPerSec, bytesPerSec } = this.quotas
    // most single-tenant brokers have no rate: they read no clock for it
    if (messagesPerSec === Infinity && bytesPerSec === Infinity) return 0
    const now = performance.now()
    const messagesMs = this.#messages.take(messages, now)
    const bytesMs = this.#bytes.take(bytes, now)
    const overdrawnMs = Math.max(messagesMs, bytesMs)
    // a tenant at its rate meets it with every message: once a second is news enough
    if (overdrawnMs > 0 && now - this.#rateToldAt >= RATE_TOLD_EVERY_MS) {
      this.#rateToldAt = now
      this.#observer.quotaExceeded(bytesMs > messagesMs ? 'bytesPerSec' : 'messagesPerSec', client)
    }
    return overdrawnMs
  }

  /**
   * Takes a plugin's message of so many bytes from the rates. A plugin cannot be made to wait as a socket
   * can, so what is not covered is refused: false.
   */
  admitPluginPublish(bytes: number): boolean {
    const now = performance.now()
    return this.#pluginMessages.spend(1, now) && this.#messages.spend(1, now) && this.#bytes.spend(bytes, now)
  }

  /**
   * Counts messages that are to be retained one after the other: all of them, or none.
   *
   * @returns the quota that they would exceed; null: they are counted.
   */
  admitRetained(kept: readonly RetainedSize[]): RetainedQuota | null {
    const exceeded = this.retainedQuotaMet(kept)
    if (exceeded !== null) return exceeded
    for (const one of kept) this.countRetained(one)
    return null
  }

  /** Counts what is retained, whatever the quota: it is there already. */
  countRetained({ topic, bytes }: RetainedSize): void {
    const key = mapKey(topic)
    this.#retainedBytes += bytes - (this.#retained.get(key) ?? 0)
    if (bytes === 0) this.#retained.delete(key)
    else this.#retained.set(key, bytes)
  }

  /** The quota that these would exceed, if they were retained now; null: none. */
  retainedQuotaMet(kept: readonly RetainedSize[]): RetainedQuota | null {
    const replaced = new Map<string, number>()
    let count = this.#retained.size
    let total = this.#retainedBytes
    for (const { topic, bytes } of kept) {
      const key = mapKey(topic)
      const before = replaced.get(key) ?? this.#retained.get(key) ?? 0
      replaced.set(key, bytes)
      count += Number(bytes > 0) - Number(before > 0)
      total += bytes - before
      // what is removed or gets smaller is welcome, however full it is
      if (bytes <= before) continue
      if (before === 0 && count > this.quotas.retainedMessages) return 'retainedMessages'
      if (total > this.quotas.retainedBytes) return 'retainedBytes'
    }
    return null
  }
}
