import type { Message } from '../codec/message.ts'
import { PublishQuestion } from '../hooks/publish-question.ts'
import type { Verdict } from '../hooks/verdict.ts'
import type { Client } from '../session/client.ts'
import type { Session } from '../session/session.ts'
import { acceptPublish, refusePublish } from './accept-publish.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'

/**
 * A PUBLISH that waits for its plugins, and then for those parked before it. It is the question itself: one
 * object a message, no closure.
 */
export class ParkedPublish extends PublishQuestion {
  /** Null until all plugins have answered. */
  verdict: Verdict | null = null
  readonly #peer: Peer
  readonly #realm: Realm
  readonly #session: Session
  readonly #packetId: number

  constructor(
    peer: Peer,
    client: Client,
    realm: Realm,
    session: Session,
    message: Message,
    packetId: number,
  ) {
    super(client, message)
    this.#peer = peer
    this.#realm = realm
    this.#session = session
    this.#packetId = packetId
    if (message.qos === 1) peer.undecided += 1
  }

  protected override decided(verdict: Verdict): void {
    this.verdict = verdict
    this.#peer.unpark()
  }

  /** Its turn has come. */
  settle(): void {
    const verdict = this.verdict
    if (verdict === null) return
    const { message } = this
    if (message.qos === 1) this.#peer.undecided -= 1
    if (verdict.verdict !== 'allow') {
      refusePublish(this.#peer, this.#session, message, this.#packetId, verdict, this.voices)
      return
    }
    // nobody has seen the message yet, so it can still be lowered
    const { qos } = message
    if (verdict.maxQos !== undefined && verdict.maxQos < qos) message.qos = verdict.maxQos
    if (verdict.retain === false) message.retain = false
    acceptPublish(this.#peer, this.#realm, message, this.#packetId, qos)
    if (verdict.throttleMs !== undefined) this.#peer.throttle(verdict.throttleMs)
  }
}
