import { DECIDED_COST, FILTERS_RECHECKED, SUBSCRIPTION_COST } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { NOBODY_ALLOWED } from '../hooks/failure-policy.ts'
import { type AskedFilter, type DecidedFilter, SubscribeQuestion } from '../hooks/subscribe-question.ts'
import type { Verdict } from '../hooks/verdict.ts'
import type { Voice } from '../hooks/voice.ts'
import { SubscriptionTree } from '../router/subscription-tree.ts'
import { parseFilter } from '../router/topic-filter.ts'
import type { Client } from '../session/client.ts'
import type { Link } from '../session/ports.ts'
import type { Outgoing } from '../session/outgoing.ts'
import type { Session } from '../session/session.ts'
import type { Subscription } from '../session/subscription.ts'
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
  if (voters.length === 0) return []
  const recheck = new Recheck(realm, session, isOwn)
  const { turns, name } = realm
  const all = [...session.subscriptions]
  for (let from = 0; from < all.length; from += FILTERS_RECHECKED) {
    const batch = all.slice(from, from + FILTERS_RECHECKED)
    const question = new AskedAgain(voters, batch.length)
    question.ask(
      client,
      batch.map(([filter, subscription]) => askedFilter(filter, subscription)),
    )
    const decided = await question.answer
    await turns.runToEnd(name, recheck.settle(batch, question, decided))
    if (!isOwn()) break
  }
  await turns.runToEnd(name, recheck.withdraw())
  return recheck.lost
}

/** What comes of the answers, in steps: a client may have a thousand subscriptions, and as many messages. */
class Recheck {
  readonly lost: LostSubscription[] = []
  readonly #realm: Realm
  readonly #session: Session
  readonly #isOwn: () => boolean
  /** The filters by which nothing comes to the session any more. */
  readonly #gone = new Set<string>()

  constructor(realm: Realm, session: Session, isOwn: () => boolean) {
    this.#realm = realm
    this.#session = session
    this.#isOwn = isOwn
  }

  *settle(
    batch: readonly (readonly [string, Subscription])[],
    question: AskedAgain,
    decided: readonly DecidedFilter[],
  ): Steps {
    for (const [place, [filter, subscription]] of batch.entries()) {
      if (!this.#isOwn()) return
      // the client has unsubscribed, or subscribed anew and was asked about
      if (this.#session.subscriptions.get(filter) !== subscription) continue
      const { verdict, rewritten } = decided[place] ?? REFUSED
      const routed = rewritten?.filter ?? askedFilter(filter, subscription).filter
      if (verdict.verdict === 'allow' && routed === subscription.parsed.filter)
        lower(this.#realm, this.#session, filter, subscription, verdict.maxQos ?? 2)
      else {
        this.#takeAway(filter, subscription)
        this.lost.push({ filter, verdict, voices: question.voicesOn(place) })
      }
      yield SUBSCRIPTION_COST
    }
  }

  /** Takes out of the queue what came by the filters that are gone, and by none that is left. */
  *withdraw(): Steps {
    const { outbound, subscriptions } = this.#session
    if (this.#gone.size === 0 || (outbound.queued === 0 && !outbound.hasSent)) return
    const left = new SubscriptionTree<Session>()
    for (const { parsed, options } of subscriptions.values()) {
      left.add(parsed, this.#session, options)
      yield SUBSCRIPTION_COST
    }
    const isStray = ({ filter, published }: Outgoing): boolean =>
      this.#gone.has(filter) && !reaches(left, published.topic)
    // to keep its order the queue is gone through at once: by then the tree remembers its topics
    for (let place = 0; place < outbound.waiting.length; place += 1) {
      const next = outbound.waiting.at(place)
      if (next !== undefined && isStray(next)) yield SUBSCRIPTION_COST
    }
    outbound.forbid(isStray)
    for (const { message } of outbound.withdraw(isStray)) {
      this.#realm.dropped(this.#session, message, 'denied')
      yield DECIDED_COST
    }
  }

  #takeAway(filter: string, { parsed }: Subscription): void {
    this.#session.unsubscribe(filter)
    this.#realm.subscriptions.remove(parsed, this.#session)
    this.#gone.add(parsed.filter)
  }
}

function reaches(subscriptions: SubscriptionTree<Session>, topic: string): boolean {
  const { matches, groups } = subscriptions.match(topic)
  return matches.length + groups.length > 0
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
  if (lost.length > 0) realm.turns.run(realm.name, tellEach(node, realm, session.client, session.link, lost))
}

function* tellEach(
  node: Node,
  realm: Realm,
  client: Client,
  link: Link | null,
  lost: readonly LostSubscription[],
): Steps {
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
    yield DECIDED_COST
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
  session.subscribe(filter, { ...subscription, options })
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
