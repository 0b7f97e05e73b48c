import type { WorkTurns } from '../../src/base/work-turns.ts'
import { type IPublishPacket, type Packet, parser } from 'mqtt-packet'
import { ByteSink } from '../../src/base/byte-sink.ts'
import { Lanes } from '../../src/base/lanes.ts'
import type { Message } from '../../src/codec/message.ts'
import type { ProtocolVersion } from '../../src/codec/packet-type.ts'
import type { DeliveryRealm, DeliveryRules, DropReason } from '../../src/delivery/ports.ts'
import { clientText } from '../../src/hooks/event-text.ts'
import { Standing } from '../../src/hooks/standing.ts'
import type { Voice } from '../../src/hooks/voice.ts'
import type { TenantHooks } from '../../src/hooks/tenant-hooks.ts'
import { SubscriptionTree } from '../../src/router/subscription-tree.ts'
import type { Client } from '../../src/session/client.ts'
import type { Link } from '../../src/session/ports.ts'
import type { SessionBounds } from '../../src/session/quotas.ts'
import { Session } from '../../src/session/session.ts'
import type { TopicAliases } from '../../src/session/topic-aliases.ts'
import { hooksOf } from './fake-plugins.ts'
import { parsed } from './topics.ts'
import { endlessTurns } from './turns.ts'

/** A connection that ends in memory: what leaves is read by the foreign library. */
export class TestLink implements Link {
  readonly version: ProtocolVersion
  readonly out = new ByteSink()
  receiveMaximum = 65_535
  maximumPacketSize = Number.POSITIVE_INFINITY
  topicAliases: TopicAliases | null = null
  congested = false

  constructor(version: ProtocolVersion = 5) {
    this.version = version
  }

  takenOver(): void {
    this.congested = true
  }

  /** All packets that have left since the last call. */
  packets(): Packet[] {
    const packets: Packet[] = []
    const reading = parser({ protocolVersion: this.version })
    reading.on('packet', (packet) => packets.push(packet))
    reading.on('error', (error: Error) => {
      throw error
    })
    const left = reading.parse(Buffer.from(this.out.bytes.subarray(0, this.out.length)))
    if (left !== 0) throw new Error(`${left} bytes left that are no packet`)
    this.out.length = 0
    return packets
  }

  /** The same, when nothing but PUBLISH is expected. */
  publishes(): IPublishPacket[] {
    return this.packets().map((packet) => {
      if (packet.cmd !== 'publish') throw new Error(`unexpected ${packet.cmd}`)
      return packet
    })
  }

  /** What the client sees of them: payloads, in order. */
  payloads(): string[] {
    return this.publishes().map(({ payload }) => String(payload))
  }
}

export const BOUNDS: SessionBounds = {
  inflightMessages: 32,
  queuedMessages: 100,
  queuedBytes: 10_000,
  inflightBytes: Infinity,
}

/** A client as authentication leaves it. */
export function testClient(clientId: string, facts: Partial<Omit<Client, 'json'>> = {}): Client {
  const client = {
    clientId,
    principal: clientId,
    username: undefined,
    roles: [],
    attributes: {},
    protocolVersion: 5 as const,
    listener: 'tcp',
    remoteAddress: '127.0.0.1',
    connectedAt: 1,
    subject: null,
    standing: new Standing(),
    ...facts,
  }
  return Object.freeze({ ...client, json: clientText(client) })
}

/** A session, with its client connected over `link` if there is one. */
export function testSession(
  clientId: string,
  link: TestLink | null,
  bounds: SessionBounds = BOUNDS,
): Session {
  const session = new Session(testClient(clientId), 1, bounds)
  session.link = link
  return session
}

/** The client has acknowledged all that was sent. */
export function acknowledgeAll({ outbound }: Session): void {
  for (const packetId of outbound.inflight.keys()) outbound.settle(packetId)
}

/** A tenant as delivery sees it, which remembers what was dropped. */
export class TestRealm implements DeliveryRealm {
  readonly name = 'acme'
  readonly hooks: TenantHooks
  delivery: DeliveryRules = { upgradeOutgoingQos: false, queueQos0Messages: false }
  readonly subscriptions: SubscriptionTree<Session> = new SubscriptionTree()
  readonly deliveries: Lanes = new Lanes()
  spreading = 0
  turns: WorkTurns = endlessTurns()
  readonly drops: { readonly clientId: string; readonly topic: string; readonly reason: DropReason }[] = []

  /** Who refused a delivery, one each. */
  readonly refusedBy: (readonly string[])[] = []

  constructor(hooks: TenantHooks = hooksOf([])) {
    this.hooks = hooks
  }

  notReceived(_session: Session, _message: Message, voices: readonly Voice[]): void {
    this.refusedBy.push(voices.map(({ plugin }) => plugin))
  }

  dropped(session: Session, message: Message, reason: DropReason): void {
    this.drops.push({ clientId: session.clientId, topic: message.topic, reason })
  }

  subscribe(session: Session, filter: string, options: Partial<SubscribeOptions> = {}): void {
    const plain = { qos: 0 as const, noLocal: false, retainAsPublished: false, subscriptionId: 0 }
    this.subscriptions.add(parsed(filter), session, { ...plain, ...options })
  }
}

type SubscribeOptions = Parameters<SubscriptionTree<Session>['add']>[2]
