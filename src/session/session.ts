import { TimerEntry } from '../base/timer-wheel.ts'
import type { Message } from '../codec/message.ts'
import type { SessionLog, StoredSession, Ticket } from '../engine/engine.ts'
import type { Client } from './client.ts'
import { Outbound } from './outbound.ts'
import type { Link } from './ports.ts'
import type { QueueRoom } from './queue-room.ts'
import type { SessionBounds } from './quotas.ts'
import type { Subscription } from './subscription.ts'
import type { PendingWill } from './will.ts'
import { restoredSubscription, type SessionFacts, subscriptionText, type WillFacts } from './written.ts'

/** A session expiry interval that never ends [MQTT-3.1.2.11.2]. */
export const NEVER_EXPIRES = 0xffffffff

/**
 * What lasts between a client's connections: its subscriptions, what it is owed, and which QoS 2 messages it
 * has sent but not released. Named by tenant and client identifier [MQTT-3.1.3-2][3.1.1 MQTT-3.1.3-2], it
 * lasts at least as long as one of them [3.1.1 MQTT-4.1.0-1].
 */
export class Session extends TimerEntry {
  readonly clientId: string
  /** Who fences this owner from earlier ones; given by the engine. */
  epoch: number
  /** The client as it last connected; stays while the session waits for its return. */
  client: Client
  /** Who is about to take the session up again: plugins are still asked what of it may be kept. */
  arriving: Client | null = null
  link: Link | null = null
  expirySec = 0
  /** The highest QoS that messages to this client have. */
  maximumQos: 0 | 1 | 2 = 2
  readonly #subscriptions = new Map<string, Subscription>()
  readonly outbound: Outbound
  #log: SessionLog<Message> | null = null
  /** Where its client and its will are written down, and nothing more if it ends with its connection. */
  #described: SessionLog<Message> | null = null
  #writtenWill: PendingWill | null = null
  readonly #received = new Set<number>()
  /** Published when the connection ends without a proper goodbye. */
  will: PendingWill | null = null
  /** The will of the last connection, while it waits for its delay. */
  pendingWill: PendingWill | null = null
  /** What to do when the session has waited its expiry interval for the client; set by who arms the timer. */
  onExpired: ((session: Session) => void) | null = null

  /** @param room what waits for all sessions of its tenant. */
  constructor(client: Client, epoch: number, bounds: SessionBounds, room?: QueueRoom) {
    super()
    this.clientId = client.clientId
    this.client = client
    this.epoch = epoch
    const { inflightMessages, queuedMessages, queuedBytes, inflightBytes } = bounds
    this.outbound = new Outbound(inflightMessages, queuedMessages, queuedBytes, inflightBytes, room)
  }

  /** Where it is written down; null: it ends with its connection, or with this process. */
  get log(): SessionLog<Message> | null {
    return this.#log
  }

  set log(log: SessionLog<Message> | null) {
    this.#log = log
    this.#described = log
    this.outbound.log = log
  }

  /** It ends with its connection: of what is written down, its will alone is wanted by who comes after. */
  logWillAlone(): void {
    const log = this.#log
    this.log = null
    this.#described = log
  }

  /** By the filter as the client wrote it, `$share` included. */
  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions
  }

  subscribe(filter: string, subscription: Subscription): void {
    this.#subscriptions.set(filter, subscription)
    this.#log?.subscribed(filter, subscriptionText(subscription))
  }

  unsubscribe(filter: string): void {
    if (this.#subscriptions.delete(filter)) this.#log?.unsubscribed(filter)
  }

  /**
   * Packet identifiers of QoS 2 messages received and not released [MQTT-4.3.3-10], expired or not
   * [MQTT-4.3.3-13].
   */
  get received(): ReadonlySet<number> {
    return this.#received
  }

  /** A QoS 2 message has come. */
  receive(packetId: number): void {
    this.#received.add(packetId)
  }

  /**
   * Writes down that it has come: with all that becomes of it, for what is known as received is not taken
   * again when it is repeated.
   */
  writeReceived(packetId: number): void {
    if (this.#received.has(packetId)) this.#log?.received(packetId)
  }

  /** @returns whether the identifier was in use. */
  forget(packetId: number): boolean {
    const isKnown = this.#received.delete(packetId)
    if (isKnown) this.#log?.forgotten(packetId)
    return isKnown
  }

  /** What stands for all that was written of it: settled when it is safe; 0: it is. */
  get ticket(): Ticket {
    return this.#log?.ticket ?? 0
  }

  /** Calls `then` when all that was written of it is safe: at once where nothing is written. */
  whenSafe(then: () => void): void {
    if (this.#log === null) then()
    else this.#log.whenSafe(then)
  }

  /** The same, where its will may be all that is written. */
  whenDescribed(then: () => void): void {
    if (this.#described === null) then()
    else this.#described.whenSafe(then)
  }

  /** Writes down whose it is, and how long it lasts. */
  describe(): void {
    const { client, expirySec, maximumQos } = this
    const { json: _json, subject: _subject, standing: _standing, ...facts } = client
    this.#described?.describe(JSON.stringify({ client: facts, expirySec, maximumQos } satisfies SessionFacts))
  }

  /**
   * Writes down what is to be published when its client is gone.
   *
   * @param dueAt when, once its delay has begun; in ms since the epoch.
   */
  writeWill(will: PendingWill, dueAt?: number): void {
    const { message, delaySec, expirySec, isDeferred } = will
    const how = JSON.stringify({ delaySec, expirySec, isDeferred, dueAt } satisfies WillFacts)
    this.#writtenWill = will
    this.#described?.will(message, how)
  }

  /** The will goes out, or does not: it is written down no more, unless another one is by now. */
  eraseWill(will: PendingWill | null): void {
    if (will === null || will !== this.#writtenWill) return
    this.#writtenWill = null
    this.#described?.will(null, '')
  }

  /** The will that an earlier process has written down. */
  restoreWill(will: PendingWill): void {
    this.#writtenWill = will
  }

  /** The will that is written down. */
  get writtenWill(): PendingWill | null {
    return this.#writtenWill
  }

  /** What an earlier process has written down; its queue is restored by itself. */
  restore({ log, received, subscriptions, ...owed }: StoredSession<Message>): void {
    for (const packetId of received) this.#received.add(packetId)
    for (const [filter, how] of subscriptions) {
      const subscription = restoredSubscription(filter, how)
      if (subscription !== null) this.#subscriptions.set(filter, subscription)
    }
    this.outbound.restore(owed)
    this.log = log
  }

  get connected(): boolean {
    return this.link !== null
  }

  override expired(): void {
    this.onExpired?.(this)
  }
}
