import { SUBSCRIPTION_COST } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import { PacketType } from '../codec/packet-type.ts'
import type { UnsubscribePacket } from '../codec/packets.ts'
import { parseUnsubscribe } from '../codec/parse-unsubscribe.ts'
import { ReasonCode, serverMaySend } from '../codec/reason-code.ts'
import { writeUnsuback } from '../codec/write-packets.ts'
import { ALLOW } from '../hooks/merge-verdicts.ts'
import { type LeftFilter, UnsubscribeQuestion } from '../hooks/unsubscribe-question.ts'
import type { Verdict } from '../hooks/verdict.ts'
import { isMalformedFilter, parseFilter } from '../router/topic-filter.ts'
import type { Client } from '../session/client.ts'
import type { Session } from '../session/session.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { refusalOf } from './refusal.ts'
import { tellPacketReceived } from './tell-packets.ts'

/**
 * UNSUBSCRIBE [MQTT 5.0, 3.10]: filters are compared character by character [MQTT-3.10.4-1]
 * [3.1.1 MQTT-3.10.4-1], each is decided on its own, and UNSUBACK answers [MQTT-3.10.4-4] one to one
 * [MQTT-3.11.3-2], by the packet identifier [MQTT-3.10.4-5]. The connection is held until then.
 */
export function unsubscribe(peer: Peer, frame: FrameView): void {
  const packet = parseUnsubscribe(
    frame.buffer,
    frame.firstByte,
    frame.start,
    frame.body,
    frame.end,
    peer.version,
  )
  if ('refused' in packet) return peer.fail(packet.refused, packet.detail)
  const { realm, session, client } = peer
  if (realm === null || session === null || client === null) return
  tellPacketReceived(peer, frame)
  if (peer.version !== 5 && packet.filters.some(isMalformedFilter)) {
    return peer.fail(ReasonCode.malformedPacket, 'a wildcard out of its place')
  }
  const unsubscribing = new Unsubscribing(peer, realm, session, packet)
  peer.connection.hold()
  unsubscribing.start(client)
}

class Unsubscribing extends UnsubscribeQuestion {
  readonly #peer: Peer
  readonly #realm: Realm
  readonly #session: Session
  readonly #packet: UnsubscribePacket
  /** Sends UNSUBACK; null: there is none to be sent. */
  #tell: (() => void) | null = null

  constructor(peer: Peer, realm: Realm, session: Session, packet: UnsubscribePacket) {
    super(realm.hooks.unsubscribe, packet.filters.length)
    this.#peer = peer
    this.#realm = realm
    this.#session = session
    this.#packet = packet
  }

  start(client: Client): void {
    const { filters } = this.#packet
    if (this.#realm.hooks.unsubscribe.length > 0) this.ask(client, filters.map(leftFilter))
    else this.decided(filters.map(() => ALLOW))
  }

  /** Ending a subscription, or telling of a refusal, costs as much as a message. */
  protected override decided(verdicts: readonly Verdict[]): void {
    this.#realm.turns.run(this.#realm.name, this.#answer(verdicts))
  }

  *#answer(verdicts: readonly Verdict[]): Steps {
    if (!this.#isOver) yield* this.#apply(verdicts)
    // what UNSUBACK says is to be true after a crash as well
    this.#session.whenSafe(() => {
      if (!this.#isOver) this.#tell?.()
      this.#peer.connection.release()
    })
  }

  /** The client is gone meanwhile, or has been sent away. */
  get #isOver(): boolean {
    return this.#peer.session !== this.#session || this.#peer.state !== 'online'
  }

  *#apply(verdicts: readonly Verdict[]): Steps {
    const peer = this.#peer
    const { filters } = this.#packet
    const kick = verdicts.find((verdict) => verdict.verdict === 'disconnect')
    if (kick?.verdict === 'disconnect') {
      for (const [place, filter] of filters.entries()) {
        this.#report(filter, kick, place)
        yield SUBSCRIPTION_COST
      }
      const refusal = refusalOf(kick)
      return peer.end(refusal.code, 'plugin', refusal, kick.sendWill ?? true)
    }
    const codes: number[] = []
    // one after the other, as if each had come alone [MQTT-3.10.4-6][3.1.1 MQTT-3.10.4-6]
    for (const [place, verdict] of verdicts.entries()) {
      codes.push(this.#leave(filters[place] ?? '', verdict, place))
      yield SUBSCRIPTION_COST
      if (this.#isOver) return
    }
    this.#tell = () => this.#acknowledge(verdicts, codes)
  }

  #acknowledge(verdicts: readonly Verdict[], codes: readonly number[]): void {
    const peer = this.#peer
    const { packetId } = this.#packet
    const denial = verdicts.find((verdict) => verdict.verdict === 'deny')
    const words = peer.wantsProblemInformation && denial?.verdict === 'deny' ? denial : undefined
    // before MQTT 5 it has no codes: who may not leave is not told [MQTT-3.10.4-4]; answered is
    // whoever asks [3.1.1 MQTT-3.10.4-5]
    const { out, version, maximumPacketSize } = peer
    const { reason, userProperties } = words ?? {}
    if (!writeUnsuback(out, packetId, codes, version, reason, userProperties, maximumPacketSize)) {
      peer.fail(ReasonCode.packetTooLarge, 'UNSUBACK is larger than the client takes')
    }
  }

  /** @returns the filter's code in UNSUBACK. */
  #leave(filter: string, verdict: Verdict, place: number): number {
    if (verdict.verdict !== 'allow') {
      this.#report(filter, verdict, place)
      const { code } = refusalOf(verdict)
      return serverMaySend(PacketType.UNSUBACK, code) ? code : ReasonCode.unspecifiedError
    }
    const session = this.#session
    const subscription = session.subscriptions.get(filter)
    if (subscription === undefined) {
      const isNone = 'refusal' in parseFilter(filter)
      return isNone ? ReasonCode.topicFilterInvalid : ReasonCode.noSubscriptionExisted
    }
    session.unsubscribe(filter)
    // no new message comes by it [MQTT-3.10.4-2][3.1.1 MQTT-3.10.4-2]; what is under way stays so
    // [MQTT-3.10.4-3][3.1.1 MQTT-3.10.4-3]
    this.#realm.subscriptions.remove(subscription.parsed, session)
    const text = (): string => `{"filter":${JSON.stringify(filter)}}`
    this.#realm.hooks.tell('onBrokerClientUnsubscribed', session.client, text)
    return ReasonCode.success
  }

  #report(filter: string, verdict: Verdict, place: number): void {
    const { code, reason, detail, heard } = refusalOf(verdict)
    this.#peer.report({
      action: 'unsubscribe',
      reasonCode: code,
      detail: `filter ${filter}: ${detail}`,
      topic: filter,
      reason,
      heard,
      voices: this.voicesOn(place),
    })
  }
}

function leftFilter(text: string): LeftFilter {
  const parsed = parseFilter(text)
  if ('refusal' in parsed) return { filter: text }
  const { filter, shareName } = parsed
  return shareName === '' ? { filter } : { filter, share: shareName }
}
