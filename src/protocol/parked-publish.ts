import type { Message } from '../codec/message.ts'
import type { QoS } from '../codec/packet-type.ts'
import type { Verdict } from '../hooks/verdict.ts'
import type { Client } from '../session/client.ts'
import type { Session } from '../session/session.ts'
import { acceptPublish, overRetainedQuota, refusePublish } from './accept-publish.ts'
import type { Parked, Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { Passage, type Transformed } from './publish-pipeline.ts'

/**
 * A PUBLISH that waits for its plugins, and then for those parked before it. It is the question itself: one
 * object a message, no closure.
 */
export class ParkedPublish extends Passage {
  /** Null until all plugins have answered. */
  verdict: Verdict | null = null
  readonly #peer: Peer
  readonly #session: Session
  readonly #packetId: number
  /** As it was sent, whatever plugins make of it: so it is acknowledged. */
  readonly #qos: QoS
  #transformed: Transformed | null = null

  constructor(
    peer: Peer,
    client: Client,
    realm: Realm,
    session: Session,
    message: Message,
    packetId: number,
  ) {
    super(peer.mqtt, realm, client, message)
    this.#peer = peer
    this.#session = session
    this.#packetId = packetId
    this.#qos = message.qos
    if (message.qos === 1) peer.undecided += 1
  }

  protected override ended(verdict: Verdict, transformed: Transformed | null): void {
    this.verdict = verdict
    this.#transformed = transformed
    this.#peer.unpark()
  }

  /** Its turn has come. */
  settle(): void {
    const { verdict, message } = this
    if (verdict === null) return
    const peer = this.#peer
    const transformed = this.#transformed
    transformed?.release()
    if (this.#qos === 1) peer.undecided -= 1
    if (verdict.verdict !== 'allow') return this.#refuse(verdict)
    const objection = overRetainedQuota(this.realm, transformed?.outputs ?? [message], this.client)
    if (objection !== null) return this.#refuse(objection)
    if (this.#qos === 2) this.#session.writeReceived(this.#packetId)
    acceptPublish(peer, this.realm, message, this.#packetId, this.#qos, transformed?.outputs)
    const pauseMs = Math.max(verdict.throttleMs ?? 0, transformed?.overdrawnMs ?? 0)
    if (pauseMs > 0) peer.throttle(pauseMs)
  }

  #refuse(verdict: Verdict): void {
    const transformed = this.#transformed
    const exchange = { qos: this.#qos, packetId: this.#packetId }
    const refused = transformed?.refused ?? this.message
    const voices = transformed?.voices ?? this.voices
    refusePublish(this.#peer, this.#session, refused, exchange, verdict, voices)
  }
}

/**
 * A PUBLISH that is refused without a question; behind others that wait it is told so in its turn
 * [MQTT-4.6.0-2][MQTT-4.6.0-3].
 */
export class RefusedPublish implements Parked {
  readonly verdict: Verdict
  readonly #peer: Peer
  readonly #session: Session
  readonly #message: Message
  readonly #packetId: number

  constructor(peer: Peer, session: Session, message: Message, packetId: number, verdict: Verdict) {
    this.#peer = peer
    this.#session = session
    this.#message = message
    this.#packetId = packetId
    this.verdict = verdict
  }

  settle(): void {
    const exchange = { qos: this.#message.qos, packetId: this.#packetId }
    refusePublish(this.#peer, this.#session, this.#message, exchange, this.verdict, [])
  }
}
