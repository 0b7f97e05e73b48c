import { FILTERS_RECHECKED } from '../base/limits.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { NOBODY_ALLOWED } from '../hooks/failure-policy.ts'
import { type AskedFilter, type DecidedFilter, SubscribeQuestion } from '../hooks/subscribe-question.ts'
import type { Verdict } from '../hooks/verdict.ts'
import type { Voice } from '../hooks/voice.ts'
import { filterMatches, parseFilter } from '../router/topic-filter.ts'
import type { Client } from '../session/client.ts'
import type { Outgoing } from '../session/outbound.ts'
import type { Session, Subscription } from '../session/session.ts'
import { Peer } from './peer.ts'
import type { Node, Realm } from './ports.ts'
import { refusalOf } from './refusal.ts'

/** A subscription that its session may not keep, and why. */
export interface LostSubscription {
  /** As the client wrote it. */
  readonly filter: string
  readonly verdict: Verdict
  readonly voices: readonly Voice[]
}

/**
 * Asks all who have a say whether a client may keep the subscriptions of its session, as if it subscribed
 * again, and takes away those that are refused: from the router, from the session, and what waits because of
 * them. Where nobody decides, nothing changes. A lowered QoS is lowered here as well.
 *
 * @param client as whom the session is asked about.
 * @param isOwn whether the session is still the client's when the answers come; else nothing is taken away.
 * @returns what was taken away; nobody has been told of it yet.
 */
export async function recheckSubscriptions(
  realm: Realm,
  session: Session,
  client: Client,
  isOwn: () => boolean,
): Promise<readonly LostSubscription[]> {
  const voters = realm.hooks.subscribeVoters(client)
  const lost: LostSubscription[] = []
  if (voters.length === 0) return lost
  const all = [...session.subscriptions]
  for (let from = 0; from < all.length; from += FILTERS_RECHECKED) {
    const batch = all.slice(from, from + FILTERS_RECHECKED)
    const question = new AskedAgain(voters, batch.length)
    question.ask(
      client,
      batch.map(([filter, subscription]) => askedFilter(filter, subscription)),
    )
    const decided = await question.answer
    if (!isOwn()) return lost
    batch.forEach(([filter, subscription], place) => {
      // the client has unsubscribed, or subscribed anew and was asked about
      if (session.subscriptions.get(filter) !== subscription) return
      const { verdict, rewritten } = decided[place] ?? REFUSED
      const routed = rewritten?.filter ?? askedFilter(filter, subscription).filter
      if (verdict.verdict === 'allow' && routed === subscription.parsed.filter)
        lower(realm, session, filter, subscription, verdict.maxQos ?? 2)
      else {
        takeAway(realm, session, filter, subscription)
        lost.push({ filter, verdict, voices: question.voicesOn(place) })
      }
    })
  }
  return lost
}

/**
 * Tells of what was taken away: plugins, the log, and explain. MQTT has no packet for it, so the client hears
 * of it only where a plugin wants its connection ended.
 */
export function tellLost(
  node: Node,
  realm: Realm,
  session: Session,
  lost: readonly LostSubscription[],
): void {
  const { client, link } = session
  for (const { filter, verdict, voices } of lost) {
    const { code, reason, detail } = verdict.verdict === 'allow' ? REWRITTEN : refusalOf(verdict)
    node.observer.refused({
      realm: realm.name,
      clientId: client.clientId,
      client,
      remoteAddress: client.remoteAddress,
      version: client.protocolVersion,
      action: 'subscribe',
      topic: filter,
      reasonCode: code,
      reason,
      detail: `filter ${filter}, of a live subscription: ${detail}`,
      voices,
    })
    realm.hooks.tell('onBrokerClientUnsubscribed', client, () => `{"filter":${JSON.stringify(filter)}}`)
  }
  const kick = lost.map(({ verdict }) => verdict).find((verdict) => verdict.verdict === 'disconnect')
  if (kick?.verdict !== 'disconnect' || !(link instanceof Peer)) return
  const refusal = refusalOf(kick)
  link.end(refusal.code, 'plugin', refusal, kick.sendWill ?? true)
}

/** A live subscription cannot become another one: its client would not know. */
const REWRITTEN = {
  code: ReasonCode.implementationSpecificError,
  reason: undefined,
  detail: 'a plugin would have it routed otherwise now',
}

const REFUSED: DecidedFilter = { verdict: NOBODY_ALLOWED, rewritten: null }

/** The highest QoS of the session's messages from here on; a higher one of its subscriptions is lowered. */
export function limitQos(realm: Realm, session: Session, maximumQos: 0 | 1 | 2): void {
  session.maximumQos = maximumQos
  for (const [filter, subscription] of session.subscriptions) {
    lower(realm, session, filter, subscription, maximumQos)
  }
}

function lower(
  realm: Realm,
  session: Session,
  filter: string,
  subscription: Subscription,
  maxQos: 0 | 1 | 2,
): void {
  if (maxQos >= subscription.options.qos) return
  const options = { ...subscription.options, qos: maxQos }
  realm.subscriptions.add(subscription.parsed, session, options)
  session.subscriptions.set(filter, { ...subscription, options })
}

function takeAway(realm: Realm, session: Session, filter: string, { parsed }: Subscription): void {
  session.subscriptions.delete(filter)
  realm.subscriptions.remove(parsed, session)
  const { outbound } = session
  if (outbound.waiting.length === 0 && !outbound.hasSent) return
  const left = [...session.subscriptions.values()]
  const isStray = ({ filter: broughtBy, published }: Outgoing): boolean =>
    broughtBy === parsed.filter && !left.some((other) => filterMatches(other.parsed.filter, published.topic))
  outbound.forbid(isStray)
  for (const { message } of outbound.withdraw(isStray)) realm.dropped(session, message, 'denied')
}

/** As a SUBSCRIBE of the client's would ask for it now; without retained messages, which it had before. */
function askedFilter(written: string, { parsed, options }: Subscription): AskedFilter {
  const own = parseFilter(written)
  return {
    // what it is routed by may be what plugins made of it
    filter: 'refusal' in own ? parsed.filter : own.filter,
    ...(parsed.shareName === '' ? {} : { share: parsed.shareName }),
    qos: options.qos,
    noLocal: options.noLocal,
    retainAsPublished: options.retainAsPublished,
    retainHandling: 2,
  }
}

class AskedAgain extends SubscribeQuestion {
  readonly #answer = Promise.withResolvers<readonly DecidedFilter[]>()

  get answer(): Promise<readonly DecidedFilter[]> {
    return this.#answer.promise
  }

  protected override settled(filters: readonly DecidedFilter[]): void {
    this.#answer.resolve(filters)
  }
}
