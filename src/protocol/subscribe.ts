import { SUBSCRIPTION_COST } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import type { Verdict } from '../hooks/verdict.ts'
import { PacketType } from '../codec/packet-type.ts'
import type { SubscribePacket, SubscriptionRequest } from '../codec/packets.ts'
import { parseSubscribe } from '../codec/parse-subscribe.ts'
import { ReasonCode, serverMaySend } from '../codec/reason-code.ts'
import { writeSuback } from '../codec/write-packets.ts'
import { NOBODY_ALLOWED } from '../hooks/failure-policy.ts'
import { type AskedFilter, FiltersQuestion } from '../hooks/filters-question.ts'
import { ALLOW } from '../hooks/merge-verdicts.ts'
import { type ParsedFilter, parseFilter } from '../router/topic-filter.ts'
import type { Session } from '../session/session.ts'
import type { FrameView } from './frame.ts'
import { keepSubscription, REWRITTEN, rewrites } from './keep-subscription.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { refusalOf } from './refusal.ts'
import { type RetainedWish, sendRetained } from './send-retained.ts'
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
  const subscribing = new Subscribing(peer, realm, session, packet, wanted)
  peer.connection.hold()
  subscribing.start()
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
    peer: Peer,
    realm: Realm,
    session: Session,
    packet: SubscribePacket,
    wanted: readonly Wanted[],
  ) {
    super(realm.hooks.subscribe, wanted.length)
    this.#peer = peer
    this.#realm = realm
    this.#session = session
    this.#packet = packet
    this.#wanted = wanted
  }

  start(): void {
    const { client } = this.#peer
    const { hooks, topicDefault } = this.#realm
    if (hooks.subscribe.length === 0) {
      const verdict = topicDefault === 'allow' ? ALLOW : NOBODY_ALLOWED
      this.decided(this.#wanted.map(() => verdict))
    } else if (client !== null) this.ask(client, this.#wanted.map(askedFilter))
  }

  /** Keeping a subscription, or telling of its refusal, costs as much as a message. */
  protected override decided(verdicts: readonly Verdict[]): void {
    this.#realm.turns.run(this.#realm.name, this.#answer(verdicts))
  }

  *#answer(verdicts: readonly Verdict[]): Steps {
    if (!this.#isOver) yield* this.#apply(verdicts)
    this.#peer.connection.release()
  }

  /** The client is gone meanwhile, or has been sent away. */
  get #isOver(): boolean {
    return this.#peer.session !== this.#session || this.#peer.state !== 'online'
  }

  *#apply(verdicts: readonly Verdict[]): Steps {
    const peer = this.#peer
    const kick = verdicts.find((verdict) => verdict.verdict === 'disconnect')
    if (kick?.verdict === 'disconnect') {
      for (const { request } of this.#wanted) {
        this.#report(kick, request.filter)
        yield SUBSCRIPTION_COST
      }
      const refusal = refusalOf(kick)
      return peer.end(refusal.code, 'plugin', refusal, kick.sendWill ?? true)
    }
    const retained: RetainedWish[] = []
    const codes: number[] = []
    for (const [place, wanted] of this.#wanted.entries()) {
      codes.push(this.#grant(wanted, verdicts[place] ?? NOBODY_ALLOWED, retained))
      yield SUBSCRIPTION_COST
      if (this.#isOver) return
    }
    const denial = verdicts.find((verdict) => verdict.verdict === 'deny')
    const words = peer.wantsProblemInformation && denial?.verdict === 'deny' ? denial : undefined
    writeSuback(peer.out, this.#packet.packetId, codes, peer.version, words?.reason, words?.userProperties)
    sendRetained(peer.node, this.#realm, this.#session, retained)
  }

  /** @returns the filter's code in SUBACK. */
  #grant(wanted: Wanted, verdict: Verdict, retained: RetainedWish[]): number {
    const { request, parsed } = wanted
    if (parsed === null) return ReasonCode.topicFilterInvalid
    if (verdict.verdict !== 'allow') {
      this.#report(verdict, request.filter)
      const { code } = refusalOf(verdict)
      return serverMaySend(PacketType.SUBACK, code) ? code : ReasonCode.unspecifiedError
    }
    // allowed for another filter only, which nobody has asked for: what is not understood is refused
    if (rewrites(verdict, parsed)) {
      this.#report(REWRITTEN, request.filter)
      return ReasonCode.implementationSpecificError
    }
    const { subscriptionId } = this.#packet
    const kept = keepSubscription(this.#peer.node, this.#realm, this.#session, {
      request: { ...request, subscriptionId },
      parsed,
      verdict,
    })
    if (kept === null) return ReasonCode.quotaExceeded
    if (kept.retained !== null) retained.push(kept.retained)
    return kept.qos // [MQTT-3.8.4-8]
  }

  #report(verdict: Verdict, filter: string): void {
    const { code, reason, detail } = refusalOf(verdict)
    this.#peer.report('subscribe', code, `filter ${filter}: ${detail}`, filter, reason)
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
