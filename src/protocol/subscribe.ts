import type { Verdict } from '../hooks/verdict.ts'
import { PacketType } from '../codec/packet-type.ts'
import type { SubscribePacket, SubscriptionRequest } from '../codec/packets.ts'
import { parseSubscribe } from '../codec/parse-subscribe.ts'
import { ReasonCode, serverMaySend } from '../codec/reason-code.ts'
import { writeSuback } from '../codec/write-packets.ts'
import { deliverRetained } from '../delivery/deliver.ts'
import { NOBODY_ALLOWED } from '../hooks/failure-policy.ts'
import { type AskedFilter, FiltersQuestion } from '../hooks/filters-question.ts'
import { ALLOW } from '../hooks/merge-verdicts.ts'
import { type ParsedFilter, parseFilter } from '../router/topic-filter.ts'
import type { Session } from '../session/session.ts'
import type { FrameView } from './frame.ts'
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
  const subscribing = new Subscribing(peer, realm, session, packet, wanted)
  if (realm.hooks.subscribe.length === 0) {
    subscribing.apply(wanted.map(() => (realm.topicDefault === 'allow' ? ALLOW : NOBODY_ALLOWED)))
    return
  }
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
    if (client !== null) this.ask(client, this.#wanted.map(askedFilter))
  }

  protected override decided(verdicts: readonly Verdict[]): void {
    if (this.#peer.session === this.#session) this.apply(verdicts)
    this.#peer.connection.release()
  }

  apply(verdicts: readonly Verdict[]): void {
    const peer = this.#peer
    const kick = verdicts.find((verdict) => verdict.verdict === 'disconnect')
    if (kick?.verdict === 'disconnect') {
      for (const { request } of this.#wanted) this.#report(kick, request.filter)
      const refusal = refusalOf(kick)
      return peer.end(refusal.code, 'plugin', refusal, kick.sendWill ?? true)
    }
    const retained: (() => void)[] = []
    const codes = this.#wanted.map((wanted, place) =>
      this.#grant(wanted, verdicts[place] ?? NOBODY_ALLOWED, retained),
    )
    const denial = verdicts.find((verdict) => verdict.verdict === 'deny')
    const words = peer.wantsProblemInformation && denial?.verdict === 'deny' ? denial : undefined
    writeSuback(peer.out, this.#packet.packetId, codes, peer.version, words?.reason, words?.userProperties)
    for (const send of retained) send() // behind SUBACK, where clients expect them
  }

  /** @returns the filter's code in SUBACK. */
  #grant(wanted: Wanted, verdict: Verdict, retained: (() => void)[]): number {
    const { request, parsed } = wanted
    if (parsed === null) return ReasonCode.topicFilterInvalid
    if (verdict.verdict !== 'allow') {
      this.#report(verdict, request.filter)
      const { code } = refusalOf(verdict)
      return serverMaySend(PacketType.SUBACK, code) ? code : ReasonCode.unspecifiedError
    }
    // allowed for another filter only, which nobody has asked for: what is not understood is refused
    if (verdict.rewriteTo !== undefined && verdict.rewriteTo !== parsed.filter) {
      this.#report(REWRITTEN, request.filter)
      return ReasonCode.implementationSpecificError
    }
    const session = this.#session
    const realm = this.#realm
    const isNew = !session.subscriptions.has(request.filter)
    if (isNew && session.subscriptions.size >= realm.quotas.subscriptionsPerSession) {
      realm.quotaExceeded('subscriptionsPerSession', session.client)
      return ReasonCode.quotaExceeded
    }
    const qos = Math.min(request.qos, verdict.maxQos ?? 2, this.#peer.node.mqtt.maximumQos) as 0 | 1 | 2
    const options = {
      qos,
      noLocal: verdict.noLocal ?? request.noLocal,
      retainAsPublished: verdict.retainAsPublished ?? request.retainAsPublished,
      subscriptionId: this.#packet.subscriptionId,
    }
    realm.subscriptions.add(parsed, session, options) // replaces one with the same filter [MQTT-3.8.4-3]
    session.subscriptions.set(request.filter, { parsed, options })
    const filter = JSON.stringify(request.filter)
    realm.hooks.tell('onBrokerClientSubscribed', session.client, () => `{"filter":${filter},"qos":${qos}}`)
    const handling = verdict.retainHandling ?? request.retainHandling
    // [MQTT-3.3.1-9][MQTT-3.3.1-10][MQTT-3.3.1-11]; shared subscriptions get none
    if (parsed.shareName === '' && (handling === 0 || (handling === 1 && isNew))) {
      retained.push(() => this.#sendRetained(parsed, qos))
    }
    return qos // [MQTT-3.8.4-8]
  }

  #sendRetained(parsed: ParsedFilter, qos: 0 | 1 | 2): void {
    const realm = this.#realm
    const session = this.#session
    const { subscriptionId } = this.#packet
    const via = { filter: parsed.filter, subscriptionIds: subscriptionId === 0 ? null : [subscriptionId] }
    this.#peer.node.engine.retained.match(realm.name, parsed.filter, {
      retained: (message) => {
        if (message.expiresAt === 0 || message.expiresAt > Date.now())
          deliverRetained(realm, session, via, qos, message)
      },
      done: () => undefined,
    })
  }

  #report(verdict: Verdict, filter: string): void {
    const { code, reason, detail } = refusalOf(verdict)
    this.#peer.report('subscribe', code, `filter ${filter}: ${detail}`, filter, reason)
  }
}

const REWRITTEN: Verdict = {
  verdict: 'deny',
  code: ReasonCode.implementationSpecificError,
  note: 'the plugin rewrites the filter, which this broker does not do',
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
