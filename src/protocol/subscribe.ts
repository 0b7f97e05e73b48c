import { SUBSCRIPTION_COST } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import { PacketType } from '../codec/packet-type.ts'
import type { SubscribePacket, SubscriptionRequest } from '../codec/packets.ts'
import { parseSubscribe } from '../codec/parse-subscribe.ts'
import { ReasonCode, serverMaySend } from '../codec/reason-code.ts'
import { writeSuback } from '../codec/write-packets.ts'
import { type AskedFilter, type DecidedFilter, SubscribeQuestion } from '../hooks/subscribe-question.ts'
import type { Voter } from '../hooks/tenant-hooks.ts'
import type { Verdict } from '../hooks/verdict.ts'
import { maySubscribeTo } from '../router/system-topics.ts'
import { type ParsedFilter, parseFilter } from '../router/topic-filter.ts'
import type { Client } from '../session/client.ts'
import type { Session } from '../session/session.ts'
import type { FrameView } from './frame.ts'
import { keepSubscription } from './keep-subscription.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { refusalOf } from './refusal.ts'
import { type RetainedWish, sendRetained } from './send-retained.ts'
import { tellPacketReceived } from './tell-packets.ts'
import { type Unavailable, unavailableFor } from './unavailable.ts'

/** One filter of the packet: as asked for, and as parsed; null: it is none, which no plugin can mend. */
interface Wanted {
  readonly request: SubscriptionRequest
  readonly parsed: ParsedFilter | null
  /** It breaks the standard's rules of filters. */
  readonly malformed: boolean
}

/**
 * SUBSCRIBE [MQTT 5.0, 3.8]: each filter is decided on its own, SUBACK answers [MQTT-3.8.4-1] one to one
 * [MQTT-3.8.4-6], and the retained messages follow. The connection is held until then.
 */
export function subscribe(peer: Peer, frame: FrameView): void {
  const packet = parseSubscribe(
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
  const wanted = packet.filters.map((request) => want(request))
  if (peer.version === 5 && wanted.some(({ request, parsed }) => request.noLocal && parsed?.shareName)) {
    return peer.fail(ReasonCode.protocolError, 'no local on a shared subscription') // [MQTT-3.8.3-4]
  }
  if (peer.version !== 5 && wanted.some(({ malformed }) => malformed)) {
    // before MQTT 5 there is no code that says so [3.1.1 MQTT-4.7.1-2][3.1.1 MQTT-4.7.1-3]
    return peer.fail(ReasonCode.malformedPacket, 'a wildcard out of its place')
  }
  const missing = wanted.map(({ parsed }) => missingFor(peer, packet, parsed)).find((each) => each !== null)
  // [MQTT 5.0, 3.2.2.3.11 to 3.2.2.3.13]; before it clients cannot know, and have each filter refused
  if (peer.version === 5 && missing) return peer.fail(missing.code, missing.detail)
  const voters = realm.hooks.subscribeVoters(client)
  const subscribing = new Subscribing(voters, peer, realm, session, packet, wanted)
  peer.connection.hold()
  subscribing.start(client, voters)
}

function want(request: SubscriptionRequest): Wanted {
  const parsed = parseFilter(request.filter)
  if (!('refusal' in parsed)) return { request, parsed, malformed: false }
  return { request, parsed: null, malformed: parsed.malformed === true }
}

function missingFor(
  { mqtt }: Peer,
  { subscriptionId }: SubscribePacket,
  parsed: ParsedFilter | null,
): Unavailable | null {
  return parsed === null ? null : unavailableFor(mqtt, parsed, subscriptionId)
}

export const NEIGHBOURS: Verdict = Object.freeze({
  verdict: 'deny',
  code: ReasonCode.notAuthorized,
  note: 'of $SYS a tenant may read $SYS/tenant',
})

class Subscribing extends SubscribeQuestion {
  readonly #peer: Peer
  readonly #realm: Realm
  readonly #session: Session
  readonly #packet: SubscribePacket
  readonly #wanted: readonly Wanted[]
  /** Sends SUBACK and what comes behind it; null: there is none to be sent. */
  #tell: (() => void) | null = null

  constructor(
    voters: readonly Voter[],
    peer: Peer,
    realm: Realm,
    session: Session,
    packet: SubscribePacket,
    wanted: readonly Wanted[],
  ) {
    super(voters, wanted.length)
    this.#peer = peer
    this.#realm = realm
    this.#session = session
    this.#packet = packet
    this.#wanted = wanted
  }

  start(client: Client, voters: readonly Voter[]): void {
    const { byDefault } = this.#realm.hooks
    if (voters.length > 0) this.ask(client, this.#wanted.map(askedFilter))
    else this.settled(this.#wanted.map(() => ({ verdict: byDefault, rewritten: null })))
  }

  /** Keeping a subscription, or telling of its refusal, costs as much as a message. */
  protected override settled(filters: readonly DecidedFilter[]): void {
    this.#realm.turns.run(this.#realm.name, this.#answer(filters))
  }

  *#answer(filters: readonly DecidedFilter[]): Steps {
    if (!this.#isOver) yield* this.#apply(filters)
    // what SUBACK says is to be true after a crash as well
    this.#session.whenSafe(() => {
      if (!this.#isOver) this.#tell?.()
      this.#peer.connection.release()
    })
  }

  /** The client is gone meanwhile, or has been sent away. */
  get #isOver(): boolean {
    return this.#peer.session !== this.#session || this.#peer.state !== 'online'
  }

  *#apply(filters: readonly DecidedFilter[]): Steps {
    const peer = this.#peer
    const verdicts = filters.map(({ verdict }) => verdict)
    const kick = verdicts.find((verdict) => verdict.verdict === 'disconnect')
    if (kick?.verdict === 'disconnect') {
      for (const place of this.#wanted.keys()) {
        this.#report(kick, place)
        yield SUBSCRIPTION_COST
      }
      const refusal = refusalOf(kick)
      return peer.end(refusal.code, 'plugin', refusal, kick.sendWill ?? true)
    }
    const retained: RetainedWish[] = []
    const codes: number[] = []
    // one after the other, as if each had come alone [MQTT-3.8.4-5][3.1.1 MQTT-3.8.4-4], each with its
    // code [3.1.1 MQTT-3.8.4-5]
    for (const [place, decided] of filters.entries()) {
      codes.push(this.#grant(place, decided, retained))
      yield SUBSCRIPTION_COST
      if (this.#isOver) return
    }
    this.#tell = () => this.#acknowledge(verdicts, codes, retained)
  }

  #acknowledge(
    verdicts: readonly Verdict[],
    codes: readonly number[],
    retained: readonly RetainedWish[],
  ): void {
    const peer = this.#peer
    const denial = verdicts.find((verdict) => verdict.verdict === 'deny')
    const words = peer.wantsProblemInformation && denial?.verdict === 'deny' ? denial : undefined
    const { packetId } = this.#packet // [MQTT-3.8.4-2]
    const { out, version, maximumPacketSize } = peer
    const { reason, userProperties } = words ?? {}
    // [3.1.1 MQTT-3.8.4-1]
    if (!writeSuback(out, packetId, codes, version, reason, userProperties, maximumPacketSize)) {
      return peer.fail(ReasonCode.packetTooLarge, 'SUBACK is larger than the client takes')
    }
    sendRetained(peer.node, this.#realm, this.#session, retained)
    const throttleMs = Math.max(
      ...verdicts.map((verdict) => (verdict.verdict === 'allow' ? (verdict.throttleMs ?? 0) : 0)),
    )
    if (throttleMs > 0) peer.throttle(throttleMs)
  }

  /** @returns the filter's code in SUBACK. */
  #grant(place: number, { verdict, rewritten }: DecidedFilter, retained: RetainedWish[]): number {
    const { request, parsed } = this.#wanted[place] as Wanted
    if (parsed === null) return ReasonCode.topicFilterInvalid
    const missing = unavailableFor(this.#peer.mqtt, parsed)
    if (missing !== null) return missing.code
    const { name } = this.#realm
    if (!maySubscribeTo(name, parsed.filter) || !maySubscribeTo(name, (rewritten ?? parsed).filter)) {
      this.#report(NEIGHBOURS, place)
      return ReasonCode.notAuthorized
    }
    if (verdict.verdict !== 'allow') {
      this.#report(verdict, place)
      const { code } = refusalOf(verdict)
      return serverMaySend(PacketType.SUBACK, code) ? code : ReasonCode.unspecifiedError
    }
    const { subscriptionId } = this.#packet
    const kept = keepSubscription(this.#peer.node, this.#realm, this.#session, {
      request: { ...request, subscriptionId },
      parsed: rewritten ?? parsed,
      verdict,
    })
    if (kept === null) return ReasonCode.quotaExceeded
    if (kept.retained !== null) retained.push(kept.retained)
    return kept.qos // [MQTT-3.8.4-7]
  }

  #report(verdict: Verdict, place: number): void {
    const topic = this.#wanted[place]?.request.filter ?? ''
    const { code, reason, detail, heard } = refusalOf(verdict)
    this.#peer.report({
      action: 'subscribe',
      reasonCode: code,
      detail: `filter ${topic}: ${detail}`,
      topic,
      reason,
      heard,
      voices: this.voicesOn(place),
    })
  }
}

function askedFilter({ request, parsed }: Wanted): AskedFilter {
  return {
    filter: parsed?.filter ?? request.filter,
    ...(parsed?.shareName ? { share: parsed.shareName } : {}),
    qos: request.qos,
    noLocal: request.noLocal,
    retainAsPublished: request.retainAsPublished,
    retainHandling: request.retainHandling,
  }
}
