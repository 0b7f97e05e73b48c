import type { Verdict } from '../hooks/verdict.ts'
import { PacketType } from '../codec/packet-type.ts'
import type { SubscribePacket, SubscriptionRequest } from '../codec/packets.ts'
import { parseSubscribe } from '../codec/parse-subscribe.ts'
import { ReasonCode, serverMaySend } from '../codec/reason-code.ts'
import { writeSuback } from '../codec/write-packets.ts'
import { NOBODY_ALLOWED } from '../hooks/failure-policy.ts'
import { type AskedFilter, FiltersQuestion } from '../hooks/filters-question.ts'
import type { Voter } from '../hooks/tenant-hooks.ts'
import { type ParsedFilter, parseFilter } from '../router/topic-filter.ts'
import type { Client } from '../session/client.ts'
import type { Session } from '../session/session.ts'
import type { FrameView } from './frame.ts'
import { keepSubscription, REWRITTEN, rewrites } from './keep-subscription.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { refusalOf } from './refusal.ts'
import { tellPacketReceived } from './tell-packets.ts'

/** One filter of the packet: as asked for, and as parsed; null: it is none, which no plugin can mend. */
interface Wanted {
  readonly request: SubscriptionRequest
  readonly parsed: ParsedFilter | null
}

/**
 * SUBSCRIBE [MQTT 5.0, 3.8]: each filter is decided on its own, SUBACK answers one to one [MQTT-3.8.4-6], and
 * the retained messages follow. The connection is held until then.
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
  const voters = realm.hooks.subscribeVoters(client)
  const subscribing = new Subscribing(voters, peer, realm, session, packet, wanted)
  if (voters.length === 0) return subscribing.apply(wanted.map(() => realm.hooks.byDefault))
  peer.connection.hold()
  subscribing.start(client)
}

function want(request: SubscriptionRequest): Wanted {
  const parsed = parseFilter(request.filter)
  return { request, parsed: 'refusal' in parsed ? null : parsed }
}

class Subscribing extends FiltersQuestion {
  readonly #peer: Peer
  readonly #realm: Realm
  readonly #session: Session
  readonly #packet: SubscribePacket
  readonly #wanted: readonly Wanted[]

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

  start(client: Client): void {
    this.ask(client, this.#wanted.map(askedFilter))
  }

  protected override decided(verdicts: readonly Verdict[]): void {
    if (this.#peer.session === this.#session) this.apply(verdicts)
    this.#peer.connection.release()
  }

  apply(verdicts: readonly Verdict[]): void {
    const peer = this.#peer
    const kick = verdicts.find((verdict) => verdict.verdict === 'disconnect')
    if (kick?.verdict === 'disconnect') {
      this.#wanted.forEach((_, place) => this.#report(kick, place))
      const refusal = refusalOf(kick)
      return peer.end(refusal.code, 'plugin', refusal, kick.sendWill ?? true)
    }
    const retained: (() => void)[] = []
    const codes = this.#wanted.map((wanted, place) =>
      this.#grant(wanted, place, verdicts[place] ?? NOBODY_ALLOWED, retained),
    )
    const denial = verdicts.find((verdict) => verdict.verdict === 'deny')
    const words = peer.wantsProblemInformation && denial?.verdict === 'deny' ? denial : undefined
    const { packetId } = this.#packet
    const { out, version, maximumPacketSize } = peer
    writeSuback(out, packetId, codes, version, words?.reason, words?.userProperties, maximumPacketSize)
    for (const send of retained) send() // behind SUBACK, where clients expect them
    const throttleMs = Math.max(
      ...verdicts.map((verdict) => (verdict.verdict === 'allow' ? (verdict.throttleMs ?? 0) : 0)),
    )
    if (throttleMs > 0) peer.throttle(throttleMs)
  }

  /** @returns the filter's code in SUBACK. */
  #grant(wanted: Wanted, place: number, verdict: Verdict, retained: (() => void)[]): number {
    const { request, parsed } = wanted
    if (parsed === null) return ReasonCode.topicFilterInvalid
    if (verdict.verdict !== 'allow') {
      this.#report(verdict, place)
      const { code } = refusalOf(verdict)
      return serverMaySend(PacketType.SUBACK, code) ? code : ReasonCode.unspecifiedError
    }
    // allowed for another filter only, which nobody has asked for: what is not understood is refused
    if (rewrites(verdict, parsed)) {
      this.#report(REWRITTEN, place)
      return ReasonCode.implementationSpecificError
    }
    const { subscriptionId } = this.#packet
    const kept = keepSubscription(this.#peer.node, this.#realm, this.#session, {
      request: { ...request, subscriptionId },
      parsed,
      verdict,
    })
    if (kept === null) return ReasonCode.quotaExceeded
    if (kept.wantsRetained) retained.push(kept.sendRetained)
    return kept.qos // [MQTT-3.8.4-8]
  }

  #report(verdict: Verdict, place: number): void {
    const topic = this.#wanted[place]?.request.filter ?? ''
    const { code, reason, detail } = refusalOf(verdict)
    this.#peer.report({
      action: 'subscribe',
      reasonCode: code,
      detail: `filter ${topic}: ${detail}`,
      topic,
      reason,
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
