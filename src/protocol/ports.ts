import type { ByteSink } from '../base/byte-sink.ts'
import type { RingBuffer } from '../base/ring-buffer.ts'
import type { Traffic } from '../base/traffic.ts'
import type { TimerWheel } from '../base/timer-wheel.ts'
import type { Message } from '../codec/message.ts'
import type { ProtocolVersion, QoS } from '../codec/packet-type.ts'
import type { TopicNames } from '../codec/topic-names.ts'
import type { DeliveryRealm } from '../delivery/ports.ts'
import type { Engine, Ticket } from '../engine/engine.ts'
import type { Cause } from '../hooks/tenant-hooks.ts'
import type { SecuredBy } from '../hooks/authentication.ts'
import type { UpgradeRequest } from '../hooks/upgrade-text.ts'
import type { Client, SubjectRef } from '../session/client.ts'
import type { Quotas } from '../session/quotas.ts'
import type { QueueRoom } from '../session/queue-room.ts'
import type { WillRoom } from '../session/will-room.ts'
import type { Voice } from '../hooks/voice.ts'
import type { Session } from '../session/session.ts'
import type { Heard } from './refusal.ts'

/** A client's connection as the protocol sees it: bytes out, and the say over what comes in. */
export interface ClientConnection {
  readonly remoteAddress: string
  /** The request that a WebSocket began with; null: it is none. */
  readonly upgrade: UpgradeRequest | null
  /** What TLS says of the client; null: it came without. */
  readonly tls: SecuredBy | null
  /** When a whole packet last came, on the monotonic clock in ms. */
  readonly lastPacketAt: number
  /** Where to put what is to leave with this turn's write. */
  readonly out: ByteSink
  readonly congested: boolean
  /** It is not read for now, and not because its client does not read. */
  readonly heldBack: boolean
  /** On whose account it is read: the tenant's name, once it is known. */
  owner: string
  /** Where what comes and goes is counted: the tenant's, once it is known. */
  traffic: Traffic
  maximumPacketSize: number
  /** The version that its client speaks, as CONNECT says it. */
  set version(version: ProtocolVersion)
  /** Sees what leaves, whole packets a call; set where somebody wants to be told. */
  watchWrites: ((bytes: Buffer) => void) | null
  /** Stops reading until {@link release}; holds add up. */
  hold(): void
  release(): void
  /** Writes what is gathered, closes our side, and lets the client read why. */
  end(): void
  destroy(): void
}

/** A connection as its tenant sees it. */
export interface RealmPeer {
  /** The tenant's question queue is short again. */
  realmRelieved(): void
}

/** Who waits for an acknowledgement to be sent. */
export interface AckWaiter {
  /** In the order of its messages; null: none. */
  pendingAcks: RingBuffer<PendingAck> | null
  readonly out: ByteSink
  readonly version: ProtocolVersion
  readonly connection: Pick<ClientConnection, 'hold' | 'release'>
}

/** An acknowledgement that waits. */
export interface PendingAck {
  /** What has to be settled; Infinity: it is not known yet. */
  ticket: Ticket
  /**
   * Writes the packet.
   *
   * @param out the waiter's at that moment: what it was when the packet began to wait may be another
   *   connection's by now.
   */
  readonly write: (out: ByteSink) => void
}

/** Sends PUBACK and PUBREC when the engine has settled their messages. */
export interface Acknowledger {
  /** @param code what MQTT 5 is told; by default success. */
  acknowledge(waiter: AckWaiter, ticket: Ticket, type: number, packetId: number, code?: number): void
  /**
   * Keeps an acknowledgement its place, while it is not known yet who gets the message.
   *
   * @returns to be called with the ticket, once it is known.
   */
  acknowledgeLater(waiter: AckWaiter, type: number, packetId: number): (ticket: Ticket) => void
  /** Writes what answers a message in another way, behind the acknowledgements that wait. */
  behind(waiter: AckWaiter, write: PendingAck['write']): void
  /** More waits than should: nothing is read of this one before something is settled. */
  hold(waiter: AckWaiter): void
}

/** A topic's retained message, as far as a quota counts it. */
export interface RetainedSize {
  readonly topic: string
  /** 0: it has none any more. */
  readonly bytes: number
}

/** What bounds a tenant's retained messages. */
export type RetainedQuota = 'retainedMessages' | 'retainedBytes'

/** A tenant as the protocol sees it. */
export interface Realm extends DeliveryRealm {
  /** Whether a client is admitted when no plugin decides. */
  readonly anonymous: boolean
  readonly traffic: Traffic
  readonly quotas: Quotas
  /** Sessions of this node, connected or waiting, by client identifier. */
  readonly sessions: Map<string, Session>
  /** What waits for its sessions. */
  readonly queueRoom: QueueRoom
  /** What its clients' wills take. */
  readonly wills: WillRoom
  /** Connections under the tenant's name, admitted or being asked about. */
  readonly peers: Set<RealmPeer>
  /**
   * Takes so many bytes and messages, by default one, from the tenant's rate; the milliseconds by which it is
   * overdrawn.
   */
  takeRate(bytes: number, client: Client | null, messages?: number): number
  /** Takes a plugin's message of so many bytes from the rates; false: they do not cover it. */
  admitPluginPublish(bytes: number): boolean
  /**
   * Counts messages that are to be retained, 0 bytes: none any more; all of them, or, where they would exceed
   * the quota that is returned, none.
   */
  admitRetained(kept: readonly RetainedSize[]): RetainedQuota | null
  /** The quota that these would exceed, if they were retained now; null: none. */
  retainedQuotaMet(kept: readonly RetainedSize[]): RetainedQuota | null
  /** A limit was met: counted, logged, told. */
  quotaExceeded(limit: keyof Quotas, client: Client | null): void
  /** Likewise, of a limit that a plugin has set for one client. */
  clientLimitMet(limit: string, value: number, client: Client): void
}

/** The standard's limits as the operator set them. */
export interface MqttSettings {
  readonly receiveMaximum: number
  readonly topicAliasMaximum: number
  readonly maximumPacketSize: number
  readonly maximumQos: QoS
  readonly retainAvailable: boolean
  /** In seconds; undefined: each client's own. */
  readonly serverKeepAlive: number | undefined
  /** In seconds. */
  readonly maxKeepalive: number
  readonly connectTimeoutSec: number
  readonly allowZeroLengthClientid: boolean
  readonly autoIdPrefix: string
  readonly acceptProtocolVersions: readonly ProtocolVersion[]
  readonly wildcardSubscriptionAvailable: boolean
  readonly sharedSubscriptionAvailable: boolean
  readonly subscriptionIdentifiersAvailable: boolean
  /** Bytes of one payload from a client; Infinity: as many as its packet may have. */
  readonly messageSizeLimit: number
  /** Sessions of all tenants; Infinity: no bound. */
  readonly globalMaxClients: number
  readonly onRefusedPublish: 'drop' | 'close'
}

/** Why a client was turned away or lost, for the log and the metrics. */
export interface Refused {
  readonly realm: string | undefined
  /** As far as it is known. */
  readonly clientId: string
  /** Null before the client is admitted. */
  readonly client: Client | null
  readonly remoteAddress: string
  readonly version: ProtocolVersion
  readonly action: 'connect' | 'publish' | 'subscribe' | 'unsubscribe' | 'will' | 'protocol'
  /** The topic name or filter, where the action has one. */
  readonly topic?: string | undefined
  /** Of a PUBLISH. */
  readonly qos?: QoS
  readonly reasonCode: number
  /** Absent: it hears of it as such a packet is usually answered. */
  readonly heard?: Heard | undefined
  /** What the client is told. */
  readonly reason?: string | undefined
  /** What the plugin or the protocol said; the plugin's part is its own text, which the log escapes. */
  readonly detail: string
  /** Who of the plugins said what; absent where none was asked. */
  readonly voices?: readonly Voice[]
  /** Of a plugin's own message: that plugin is not told. */
  readonly cause?: Cause
}

/** Told of what happens; never asked. */
export interface ProtocolObserver {
  connected(client: Client, realm: string): void
  disconnected(client: Client, realm: string, reasonCode: number, by: EndedBy): void
  refused(what: Refused): void
}

/** Who ended a connection. */
export type EndedBy = 'client' | 'server' | 'network' | 'takeover' | 'plugin'

/** How many there are, of all tenants. */
export interface Census {
  /** Sessions, of clients that are connected and of those that may return. */
  sessions: number
}

/** What all connections of this node share. */
export interface Node {
  readonly engine: Engine<Message, Session>
  readonly topicNames: TopicNames
  readonly timers: TimerWheel
  /** What holds for all … */
  readonly mqtt: MqttSettings
  readonly census: Census
  readonly acks: Acknowledger
  readonly observer: ProtocolObserver
  /**
   * Finds the tenant before any plugin code runs; null: it matches none. The prefix that matched is stripped.
   */
  resolve(
    connection: Pick<ClientConnection, 'tls' | 'upgrade'>,
    listener: string,
    username: string | undefined,
  ): { realm: Realm; username: string | undefined } | null
  /** Makes the number by which plugins know a client; `source`: whose strikes its questions are. */
  subject(json: string, source: string): SubjectRef
  /** … and for those who come by one listener. */
  mqttOn(listener: string): MqttSettings
  /** A client identifier that nobody has, for a client that has none. */
  newClientId(prefix: string): string
}
