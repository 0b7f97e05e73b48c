import { TimerEntry } from '../base/timer-wheel.ts'
import type { ParsedFilter } from '../router/topic-filter.ts'
import type { SubscriptionOptions } from '../router/subscription-tree.ts'
import type { Client } from './client.ts'
import { Outbound } from './outbound.ts'
import type { Link } from './ports.ts'
import type { SessionBounds } from './quotas.ts'
import type { PendingWill } from './will.ts'

/** A session expiry interval that never ends [MQTT-3.1.2.11.2]. */
export const NEVER_EXPIRES = 0xffffffff

export interface Subscription {
  /** How it is routed: as the client wrote it, or by the filter that a plugin has put in its place. */
  readonly parsed: ParsedFilter
  readonly options: SubscriptionOptions
}

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
  /** By the filter as the client wrote it, `$share` included. */
  readonly subscriptions: Map<string, Subscription> = new Map()
  readonly outbound: Outbound
  /**
   * Packet identifiers of QoS 2 messages received and not released [MQTT-4.3.3-10], expired or not
   * [MQTT-4.3.3-13].
   */
  readonly received: Set<number> = new Set()
  /** Published when the connection ends without a proper goodbye. */
  will: PendingWill | null = null
  /** The will of the last connection, while it waits for its delay. */
  pendingWill: PendingWill | null = null
  /** What to do when the session has waited its expiry interval for the client; set by who arms the timer. */
  onExpired: ((session: Session) => void) | null = null

  constructor(client: Client, epoch: number, bounds: SessionBounds) {
    super()
    this.clientId = client.clientId
    this.client = client
    this.epoch = epoch
    const { inflightMessages, queuedMessages, queuedBytes, inflightBytes } = bounds
    this.outbound = new Outbound(inflightMessages, queuedMessages, queuedBytes, inflightBytes)
  }

  get connected(): boolean {
    return this.link !== null
  }

  override expired(): void {
    this.onExpired?.(this)
  }
}
