import type { ByteSink } from '../base/byte-sink.ts'
import { DECIDED_COST, PUBLISHES_PARKED, THROTTLE_MOST_MS } from '../base/limits.ts'
import { RingBuffer } from '../base/ring-buffer.ts'
import { TimerEntry } from '../base/timer-wheel.ts'
import type { Divisible } from '../base/work-turns.ts'
import type { Framer } from '../codec/framer.ts'
import { connackReasonCode } from '../codec/connack-reason-code.ts'
import { PacketType, type ProtocolVersion } from '../codec/packet-type.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import type { AuthPacket } from '../codec/packets.ts'
import { writeConnack, writeDisconnect } from '../codec/write-packets.ts'
import { drain } from '../delivery/drain.ts'
import type { Verdict } from '../hooks/verdict.ts'
import type { Client } from '../session/client.ts'
import type { Link } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import type { TopicAliases } from '../session/topic-aliases.ts'
import type { ClientRates } from './client-rates.ts'
import { Frame, type FrameView } from './frame.ts'
import type { Offer } from './offer.ts'
import type {
  ClientConnection,
  EndedBy,
  MqttSettings,
  Node,
  PendingAck,
  Realm,
  RealmPeer,
  Refused,
} from './ports.ts'
import type { Receipts } from './receipts.ts'

/** Where a connection stands. Only `online` has a session. */
export type PeerState = 'connecting' | 'authenticating' | 'online' | 'ended'

/** What a refusal or an end says beside its code. */
export interface EndWords {
  readonly reason?: string | undefined
  readonly userProperties?: readonly (readonly [string, string])[] | undefined
  /** Another server, which it is to use. */
  readonly serverReference?: string | undefined
}

/** What CONNECT and CONNACK agreed on. */
export interface SessionBeginning {
  readonly present: boolean
  readonly cleanStart: boolean
  readonly keepAliveSec: number
  /** The session expiry interval. */
  readonly expirySec: number
}

/** What a packet type of a client's means. */
export type Verb = (peer: Peer, frame: FrameView) => void

/** What the peer does not know of itself: the meaning of packets, and of its end. */
export interface Conduct {
  /** By packet type; the framer lets no other through. */
  readonly verbs: readonly (Verb | undefined)[]
  /** The connection of an admitted client is over. */
  leave(peer: Peer, by: EndedBy, reasonCode: number, publishWill: boolean): void
}

/** An authentication that goes on in AUTH packets. */
export interface AuthSteps {
  answer(packet: AuthPacket): void
  /** The connection is over. */
  end(): void
}

/** What lasts of an authentication while its client is connected. */
export interface Lease {
  /** AUTH has come from a client that is online [MQTT 5.0, 4.12.1]. */
  reauthenticate(packet: AuthPacket): void
  /** The connection is over. */
  end(): void
}

/** A publish that waits for plugins. */
export interface Parked {
  /** Null until all have answered. */
  readonly verdict: Verdict | null
  /** Its turn has come. */
  settle(): void
}

/**
 * One client on one connection: the state between its packets. What a packet means is in the file of its
 * verb; here is what all share: order, holding, keep alive, and the end.
 */
export class Peer extends TimerEntry implements Link, RealmPeer, Divisible {
  readonly node: Node
  readonly connection: ClientConnection
  readonly listener: string
  /** What holds for who comes by its listener. */
  readonly mqtt: MqttSettings
  state: PeerState = 'connecting'
  version: ProtocolVersion = 4
  /** The client identifier, as far as it is known: for the log, before there is a client. */
  clientId = ''
  realm: Realm | null = null
  client: Client | null = null
  session: Session | null = null

  /** What the broker offers; as long as nobody is admitted, nothing. */
  offer: Offer = NOTHING
  /** Null: no plugin has set any. */
  rates: ClientRates | null = null
  /** An authentication whose next step is the client's, or a plugin's. */
  authSteps: AuthSteps | null = null
  /** Null: admitted for as long as it stays, and by no authentication method. */
  lease: Lease | null = null

  // what CONNECT said of the client's limits
  receiveMaximum = 0xffff
  maximumPacketSize: number = Number.POSITIVE_INFINITY
  topicAliases: TopicAliases | null = null
  /** Whether reason strings and user properties may be sent anywhere [MQTT-3.1.2-29]. */
  wantsProblemInformation = true
  /** Whether the client has said so itself: only then the broker adds words of its own to its codes. */
  asksForReasons = false
  keepAliveMs = 0
  /** How the session began, for those who are told of its end. */
  beginning: SessionBeginning = { present: false, cleanStart: true, keepAliveSec: 0, expirySec: 0 }

  /** Topic aliases that the client has set [MQTT-3.3.2-8]; made with the first one. */
  aliases: Map<number, string> | null = null
  /** QoS 1 messages of the client's that wait for plugins; those of QoS 2 are the session's to remember. */
  undecided = 0
  pendingAcks: RingBuffer<PendingAck> | null = null
  /** Null: MQTT 5, whose clients know the receive maximum; or no message of QoS 2 has come. */
  receipts: Receipts | null = null

  /** PUBLISH packets that wait for plugins: they leave in their order, whatever the order of the answers. */
  readonly parked: RingBuffer<Parked> = new RingBuffer(PUBLISHES_PARKED)
  /** The QoS 2 message that was last repeated without DUP; 0: none. */
  #repeatedId = 0
  #repeatedBytes = 0
  #parkedFull = false
  /** What is decided of the parked ones waits for its turn to leave. */
  #awaitsTurn = false
  /** A packet that came behind parked ones and must not overtake them. */
  #deferred: Frame | null = null
  #heldForRealm = false
  /** On the monotonic clock in ms: until then it is our doing that nothing comes. */
  #throttledUntil = Number.NEGATIVE_INFINITY

  readonly #conduct: Conduct

  constructor(node: Node, connection: ClientConnection, listener: string, conduct: Conduct) {
    super()
    this.node = node
    this.connection = connection
    this.listener = listener
    this.mqtt = node.mqttOn(listener)
    this.#conduct = conduct
    node.timers.add(this, this.mqtt.connectTimeoutSec * 1000)
  }

  get out(): ByteSink {
    return this.connection.out
  }

  get congested(): boolean {
    return this.connection.congested
  }

  /** Nothing that it has sent waits for plugins, or for its acknowledgement. */
  get isAnswered(): boolean {
    return this.parked.length === 0 && this.undecided === 0 && (this.pendingAcks?.length ?? 0) === 0
  }

  frame(framer: Framer): void {
    const type = framer.firstByte >> 4
    // [MQTT-3.1.2-30]
    if (this.state === 'authenticating' && AUTHENTICATES[type] === 0) {
      return this.fail(ReasonCode.protocolError, 'another packet in the midst of an authentication')
    }
    if (this.realm !== null && this.realm.hooks.congested) this.#holdForRealm()
    // acknowledgements and pings have no order to keep towards publishes; the rest must not overtake them
    if (this.parked.length > 0 && DEFERRABLE[type] === 1) {
      this.#deferred = new Frame(framer)
      this.connection.hold()
      return
    }
    const { engine, acks } = this.node
    const { written } = engine
    this.#conduct.verbs[type]?.(this, framer)
    // while nothing is made safe each writes what one packet of its is worth, and no more
    if (engine.written !== written && engine.stuck) acks.hold(this)
  }

  malformed(reasonCode: number, isSilent: boolean): void {
    this.fail(reasonCode, 'malformed packet', isSilent)
  }

  ended(_error: Error | null): void {
    this.leave('network', ReasonCode.unspecifiedError)
  }

  relieved(): void {
    if (this.session !== null && this.realm !== null) drain(this.realm, this.session)
  }

  /**
   * A turn of the timer wheel: the CONNECT that never came, or the silence that is too long: of packets, of
   * PINGREQ for want of another [MQTT-3.1.2-20].
   */
  override expired(): void {
    if (this.state === 'ended') return
    // what it says cannot be heard now: it waits for plugins, or for its turn
    const isUnheard = this.state === 'online' && this.connection.heldBack
    if (isUnheard) return this.node.timers.add(this, this.keepAliveMs)
    if (this.state !== 'online') return this.fail(ReasonCode.keepAliveTimeout, 'no CONNECT in time')
    const silentMs = performance.now() - Math.max(this.connection.lastPacketAt, this.#throttledUntil)
    // [3.1.1 MQTT-3.1.2-24]
    if (silentMs < this.keepAliveMs) this.node.timers.add(this, this.keepAliveMs - silentMs)
    // [MQTT-3.1.2-22]
    else this.end(ReasonCode.keepAliveTimeout, 'network', this.ownWords('keep alive timeout'))
  }

  /**
   * Whether a QoS 2 message that is known may come again. A repetition says so, by DUP; who sends the same
   * twice without saying it has lost count of its identifiers.
   */
  mayRepeat(packetId: number, bytes: number, dup: boolean): boolean {
    if (dup) return true
    const isSame = this.#repeatedId === packetId && this.#repeatedBytes === bytes
    this.#repeatedId = packetId
    this.#repeatedBytes = bytes
    return !isSame
  }

  /** The client has released a QoS 2 message: its identifier names another one from here on. */
  released(packetId: number): void {
    if (this.#repeatedId === packetId) this.#repeatedId = 0
  }

  /** A publish must wait for plugins. */
  park(publish: Parked): void {
    this.parked.push(publish)
    if (this.parked.length < PUBLISHES_PARKED || this.#parkedFull) return
    this.#parkedFull = true
    this.connection.hold()
  }

  /**
   * Some parked publish has been decided: what is decided at the head leaves, and what waited behind goes on.
   * One frame of a cell brings many answers, each message may have many recipients: what is above a turn's
   * time leaves in later ones.
   */
  unpark(): void {
    const turns = this.realm?.turns
    if (this.#awaitsTurn || turns === undefined) return
    let mayGoOn = turns.begin()
    for (;;) {
      const head = this.parked.peek()
      if (head === undefined || head.verdict === null) break
      if (!mayGoOn && turns.wait(this.connection.owner, this)) {
        this.#awaitsTurn = true
        return
      }
      this.parked.shift()
      head.settle()
      mayGoOn = turns.spend(DECIDED_COST)
    }
    if (this.#parkedFull && this.parked.length <= PUBLISHES_PARKED / 2) {
      this.#parkedFull = false
      this.connection.release()
    }
    const deferred = this.#deferred
    if (deferred === null || this.parked.length > 0) return
    this.#deferred = null
    if (this.state === 'online') this.#conduct.verbs[deferred.firstByte >> 4]?.(this, deferred)
    this.connection.release()
  }

  /** Its turn has come. */
  goOn(): false {
    this.#awaitsTurn = false
    this.unpark()
    return false
  }

  /** The tenant's question queue is short again. */
  realmRelieved(): void {
    if (!this.#heldForRealm) return
    this.#heldForRealm = false
    this.connection.release()
  }

  /** Another connection has come with the same client identifier. */
  takenOver(): void {
    this.end(ReasonCode.sessionTakenOver, 'takeover', this.ownWords('taken over by another connection'))
  }

  /** Reads nothing for a while: a rate, or a plugin's word. */
  throttle(ms: number): void {
    const pauseMs = Math.min(ms, THROTTLE_MOST_MS)
    this.#throttledUntil = Math.max(this.#throttledUntil, performance.now() + pauseMs)
    this.connection.hold()
    setTimeout(() => this.connection.release(), pauseMs).unref()
  }

  /** The client broke the standard: the code on the wire where there is one, and the end [MQTT-4.13.1-1]. */
  fail(reasonCode: number, detail: string, isSilent = false): void {
    // [3.1.1 MQTT-4.8.0-1]
    this.report({ action: 'protocol', reasonCode, detail })
    if (!isSilent) return this.end(reasonCode, 'server', this.ownWords(detail))
    this.leave('server', reasonCode)
    this.connection.end()
  }

  /** What the broker itself says to a code, where a plugin says what it likes. */
  ownWords(reason: string | undefined): EndWords {
    return this.asksForReasons ? { reason } : {}
  }

  /** Tells the broker what this client was refused. */
  report(refusal: Omit<Refused, 'realm' | 'clientId' | 'client' | 'remoteAddress' | 'version'>): void {
    this.node.observer.refused({
      realm: this.realm?.name,
      clientId: this.clientId,
      client: this.client,
      remoteAddress: this.connection.remoteAddress,
      version: this.version,
      ...refusal,
    })
  }

  /** Says why, where the client can hear it, and closes whether it can or not [MQTT-4.13.2-1]. */
  end(reasonCode: number, by: EndedBy, words: EndWords = {}, publishWill = true): void {
    if (this.state === 'ended') return
    // before CONNACK there is no DISCONNECT [MQTT-3.14.0-1]
    if (this.state === 'authenticating') return this.refuse(reasonCode, words)
    if (this.state === 'online') {
      const details = {
        reasonString: words.reason, // allowed in DISCONNECT whatever the client asked for [MQTT-3.1.2-29]
        userProperties: words.userProperties,
        serverReference: words.serverReference,
      }
      writeDisconnect(this.out, reasonCode, this.version, details, this.maximumPacketSize)
    }
    this.leave(by, reasonCode, publishWill)
    this.connection.end()
  }

  /** CONNACK with the code, and the end [MQTT-3.1.4-2][MQTT-3.2.2-7]: no more is read [MQTT-3.1.4-6]. */
  refuse(reasonCode: number, words: EndWords = {}): void {
    writeConnack(this.out, {
      sessionPresent: false, // [MQTT-3.2.2-6][3.1.1 MQTT-3.2.2-4]
      reasonCode: connackReasonCode(reasonCode),
      version: this.version,
      properties: { reasonString: words.reason, userProperties: words.userProperties },
      maximumPacketSize: this.maximumPacketSize,
    })
    // no more is read: neither what came behind [3.1.1 MQTT-3.1.4-5] nor what comes yet [3.1.1 MQTT-3.2.2-5]
    this.leave('server', reasonCode)
    this.connection.end()
  }

  /** The connection is over, whoever ended it; the session may live on. */
  leave(by: EndedBy, reasonCode: number, publishWill = true): void {
    if (this.state === 'ended') return
    const wasOnline = this.state === 'online'
    this.state = 'ended'
    this.node.timers.cancel(this)
    this.realm?.peers.delete(this)
    this.#deferred = null
    this.authSteps?.end()
    this.authSteps = null
    this.lease?.end()
    if (wasOnline) this.#conduct.leave(this, by, reasonCode, publishWill)
  }

  #holdForRealm(): void {
    if (this.#heldForRealm) return
    this.#heldForRealm = true
    this.connection.hold()
  }
}

const NOTHING: Offer = Object.freeze({
  receiveMaximum: 0,
  maximumQos: 0,
  topicAliasMaximum: 0,
  maximumPacketSize: 0,
  sessionExpirySec: 0,
})

/** Packets that must not overtake publishes which wait for plugins. */
const DEFERRABLE: Uint8Array = new Uint8Array(16)
for (const type of [PacketType.SUBSCRIBE, PacketType.UNSUBSCRIBE, PacketType.DISCONNECT, PacketType.AUTH]) {
  DEFERRABLE[type] = 1
}

/** All that a client may send before its CONNECT is answered. */
const AUTHENTICATES: Uint8Array = new Uint8Array(16)
for (const type of [PacketType.AUTH, PacketType.DISCONNECT]) AUTHENTICATES[type] = 1
