import { SubscriptionTree } from '../router/subscription-tree.ts'
import type { Session, SessionBounds } from '../session/session.ts'
import { TokenBucket } from './token-bucket.ts'

/** What bounds a tenant; Infinity where nothing does. */
export interface TenantQuotas extends SessionBounds {
  readonly connections: number
  readonly messagesPerSec: number
  readonly bytesPerSec: number
  readonly retainedMessages: number
  readonly retainedBytes: number
  readonly subscriptionsPerSession: number
  readonly maximumPacketSize: number
  readonly sessionExpirySec: number
}

export interface TenantSettings {
  readonly name: string
  readonly anonymous: boolean
  readonly topicDefault: 'allow' | 'deny'
  readonly quotas: TenantQuotas
}

/** Told of what a tenant meets. */
export interface TenantObserver<Message, Client, Reason> {
  dropped(session: Session, message: Message, reason: Reason): void
  quotaExceeded(limit: keyof TenantQuotas, client: Client | null): void
}

/**
 * One tenant: its own topic space, sessions, connections and quotas. Nothing in here is shared with a
 * neighbour. What it holds of rooms to the right (its hooks, its peers) it holds without knowing their types.
 */
export class Tenant<Hooks, Peer, Message, Client, Reason> {
  readonly name: string
  readonly anonymous: boolean
  readonly topicDefault: 'allow' | 'deny'
  readonly quotas: TenantQuotas
  /** Replaced when a plugin that did not build does so later. */
  hooks: Hooks
  readonly subscriptions: SubscriptionTree<Session> = new SubscriptionTree()
  readonly sessions: Map<string, Session> = new Map()
  readonly peers: Set<Peer> = new Set()
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  /** The size of each retained message, for the quota. */
  readonly #retained = new Map<string, number>()
  #retainedBytes = 0
  readonly #observer: TenantObserver<Message, Client, Reason>

  constructor(settings: TenantSettings, hooks: Hooks, observer: TenantObserver<Message, Client, Reason>) {
    this.name = settings.name
    this.anonymous = settings.anonymous
    this.topicDefault = settings.topicDefault
    this.quotas = settings.quotas
    this.hooks = hooks
    this.#observer = observer
    this.#messages = new TokenBucket(settings.quotas.messagesPerSec)
    this.#bytes = new TokenBucket(settings.quotas.bytesPerSec)
  }

  dropped(session: Session, message: Message, reason: Reason): void {
    this.#observer.dropped(session, message, reason)
  }

  quotaExceeded(limit: keyof TenantQuotas, client: Client | null): void {
    this.#observer.quotaExceeded(limit, client)
  }

  /**
   * Takes one message of so many bytes from the rates; the milliseconds by which the slower one is overdrawn.
   */
  takeRate(bytes: number): number {
    const { messagesPerSec, bytesPerSec } = this.quotas
    // most single-tenant brokers have no rate: they read no clock for it
    if (messagesPerSec === Infinity && bytesPerSec === Infinity) return 0
    return Math.max(this.#messages.take(1), this.#bytes.take(bytes))
  }

  /**
   * Counts a topic's retained message of so many bytes, 0: none any more. False: it would be above the quota.
   */
  admitRetained(topic: string, bytes: number): boolean {
    const before = this.#retained.get(topic)
    const total = this.#retainedBytes - (before ?? 0) + bytes
    if (bytes === 0) this.#retained.delete(topic)
    else {
      if (before === undefined && this.#retained.size >= this.quotas.retainedMessages)
        return this.#refuse('retainedMessages')
      if (total > this.quotas.retainedBytes) return this.#refuse('retainedBytes')
      this.#retained.set(topic, bytes)
    }
    this.#retainedBytes = total
    return true
  }

  #refuse(limit: keyof TenantQuotas): false {
    this.#observer.quotaExceeded(limit, null)
    return false
  }
}
