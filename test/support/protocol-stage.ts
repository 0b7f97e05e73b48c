import { ByteSink } from '../../src/base/byte-sink.ts'
import { Traffic } from '../../src/base/traffic.ts'
import type { ProtocolVersion } from '../../src/codec/packet-type.ts'
import { TimerWheel } from '../../src/base/timer-wheel.ts'
import type { Message } from '../../src/codec/message.ts'
import { TopicNames } from '../../src/codec/topic-names.ts'
import type { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { AckGate } from '../../src/protocol/ack-gate.ts'
import type { ClientConnection, EndedBy, Node, Refused } from '../../src/protocol/ports.ts'
import type { Session } from '../../src/session/session.ts'
import { newMemoryEngine } from './memory-engine.ts'

/** A connection without a wire: what is written stays in `out`. */
export class StagedConnection implements ClientConnection {
  readonly remoteAddress = '192.0.2.1'
  readonly tls = null
  readonly upgrade = null
  lastPacketAt = performance.now()
  readonly out: ByteSink = new ByteSink()
  congested = false
  owner = ''
  traffic = new Traffic()
  maximumPacketSize = 1 << 20
  version: ProtocolVersion = 4
  watchWrites: ((bytes: Buffer) => void) | null = null
  holds = 0
  isEnded = false

  get heldBack(): boolean {
    return this.holds > 0
  }

  hold(): void {
    this.holds += 1
  }

  release(): void {
    this.holds -= 1
  }

  end(): void {
    this.isEnded = true
  }

  destroy(): void {
    this.isEnded = true
  }

  /** What was written since the last look. */
  taken(): Buffer {
    const bytes = Buffer.from(this.out.bytes.subarray(0, this.out.length))
    this.out.length = 0
    return bytes
  }
}

/** What connections share, without a broker around it; what is observed is recorded. */
export class StagedNode implements Node {
  readonly refused: Refused[] = []
  readonly ends: { readonly reasonCode: number; readonly by: EndedBy }[] = []
  /** Turned by the test: its clock stands still. */
  nowMs = 0
  readonly timers: TimerWheel = new TimerWheel(() => this.nowMs)
  readonly engine: MemoryEngine<Message, Session> = newMemoryEngine<Message, Session>()
  readonly topicNames = new TopicNames(4)
  readonly acks = new AckGate()
  readonly mqtt = {
    receiveMaximum: 10,
    topicAliasMaximum: 2,
    maximumPacketSize: 1 << 20,
    maximumQos: 2,
    retainAvailable: true,
    serverKeepAlive: undefined,
    maxKeepalive: 0xffff,
    connectTimeoutSec: 10,
    allowZeroLengthClientid: true,
    autoIdPrefix: 'auto-',
    acceptProtocolVersions: [3, 4, 5],
    wildcardSubscriptionAvailable: true,
    sharedSubscriptionAvailable: true,
    subscriptionIdentifiersAvailable: true,
    messageSizeLimit: Infinity,
    globalMaxClients: Infinity,
    onRefusedPublish: 'drop',
  } as const
  readonly census = { sessions: 0 }
  readonly observer = {
    connected: (): void => undefined,
    disconnected: (_client: unknown, _realm: string, reasonCode: number, by: EndedBy): void =>
      void this.ends.push({ reasonCode, by }),
    refused: (what: Refused): void => void this.refused.push(what),
  }

  mqttOn(): Node['mqtt'] {
    return this.mqtt
  }

  resolve(): null {
    return null
  }

  subject(json: string): ReturnType<Node['subject']> {
    return { ref: 1, json, source: '', release: () => undefined }
  }

  newClientId(): string {
    return 'assigned'
  }
}
