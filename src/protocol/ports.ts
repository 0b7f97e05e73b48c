import type { TickEnd } from '../base/tick-end.ts'
import type { TimerWheel } from '../base/timer-wheel.ts'
import type { Message } from '../codec/message.ts'
import type { ProtocolVersion, QoS } from '../codec/packet-type.ts'
import type { TopicNames } from '../codec/topic-names.ts'
import type { DeliveryRealm } from '../delivery/ports.ts'
import type { Engine } from '../engine/engine.ts'
import type { Client, SubjectRef } from '../session/client.ts'
import type { Session, SessionBounds } from '../session/session.ts'
import type { AckGate } from './ack-gate.ts'
import type { Peer } from './peer.ts'

/** A tenant as the protocol sees it. */
export interface Realm extends DeliveryRealm {
  /** Whether a client is admitted when no plugin decides. */
  readonly anonymous: boolean
  /** What publish and subscribe are answered when no plugin decides. */
  readonly topicDefault: 'allow' | 'deny'
  readonly quotas: RealmQuotas
  /** Sessions of this node, connected or waiting, by client identifier. */
  readonly sessions: Map<string, Session>
  /** Connections under the tenant's name, admitted or being asked about. */
  readonly peers: Set<Peer>
  /** Takes one message of so many bytes from the tenant's rate; the milliseconds by which it is overdrawn. */
  takeRate(bytes: number): number
  /** Counts a topic's retained message of so many bytes, 0: none any more. False: it would be above the quota. */
  admitRetained(topic: string, bytes: number): boolean
  /** A limit was met: counted, logged, told. */
  quotaExceeded(limit: keyof RealmQuotas, client: Client | null): void
}

export interface RealmQuotas extends SessionBounds {
  readonly connections: number
  readonly messagesPerSec: number
  readonly bytesPerSec: number
  readonly retainedMessages: number
  readonly retainedBytes: number
  readonly subscriptionsPerSession: number
  readonly maximumPacketSize: number
  readonly sessionExpirySec: number
}

/** The standard's limits as the operator set them. */
export interface MqttSettings {
  readonly receiveMaximum: number
  readonly topicAliasMaximum: number
  readonly maximumPacketSize: number
  readonly maximumQos: QoS
  readonly retainAvailable: boolean
  readonly serverKeepAliveSec: number | undefined
  readonly maxKeepAliveSec: number
  readonly connectTimeoutSec: number
  readonly allowZeroLengthClientId: boolean
  readonly onRefusedPublish: 'drop' | 'close'
}

/** Why a client was turned away or lost, for the log and the metrics. */
export interface Refused {
  readonly realm: string | undefined
  readonly client: string
  readonly remoteAddress: string
  readonly action: 'connect' | 'publish' | 'subscribe' | 'protocol'
  readonly reasonCode: number
  /** What the plugin or the protocol said; the plugin's part is its own text, which the log escapes. */
  readonly detail: string
}

/** Told of what happens; never asked. */
export interface ProtocolObserver {
  connected(client: Client, realm: string): void
  disconnected(client: Client, realm: string, reasonCode: number, by: EndedBy): void
  refused(what: Refused): void
}

/** Who ended a connection. */
export type EndedBy = 'client' | 'server' | 'network' | 'takeover' | 'plugin'

/** What all connections of this node share. */
export interface Node {
  readonly engine: Engine<Message, Session>
  readonly topicNames: TopicNames
  readonly timers: TimerWheel
  readonly tickEnd: TickEnd
  readonly mqtt: MqttSettings
  readonly acks: AckGate
  readonly observer: ProtocolObserver
  /** Finds the tenant before any plugin code runs; null: it matches none. The prefix that matched is stripped. */
  resolve(listener: string, username: string | undefined): { realm: Realm; username: string | undefined } | null
  /** Makes the number by which plugins know a client. */
  subject(json: string): SubjectRef
  /** A client identifier that nobody has, for a client that has none. */
  newClientId(): string
}

/** A client on 3.1 or 3.1.1 cannot be told why. */
export function hasReasonCodes(version: ProtocolVersion): boolean {
  return version === 5
}
