import { Completion } from '../base/completion.ts'
import {
  DELIVERED_AT_ONCE_COST,
  DELIVERY_COST,
  SEARCH_COST,
  SEARCHED_AT_ONCE,
  TARGETS_ASKED,
  WORK_TURNS,
} from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import { type Message, sizeOf } from '../codec/message.ts'
import { ALLOW } from '../hooks/merge-verdicts.ts'
import type { ReceiveCause } from '../hooks/receive-round.ts'
import type { RouteSearch } from '../router/route-search.ts'
import type { Match, Route } from '../router/subscription-tree.ts'
import type { SharedGroup } from '../router/shared-subscription.ts'
import type { Via } from '../session/outgoing.ts'
import type { Session } from '../session/session.ts'
import { AskedDelivery } from './asked-delivery.ts'
import { FanOut, startFan } from './fan-out.ts'
import type { DeliveryRealm } from './ports.ts'
import { type Delivery, queue, send } from './send.ts'

/** Null: nobody waits for the end of it. */
type Routing = Completion | null

/**
 * Brings a message to all sessions that subscribed to its topic [MQTT-4.5.0-1]: granted QoS [MQTT-3.8.4-8],
 * retain as published, no local, one copy a session and name. Where plugins decide who receives, they are
 * asked once for the batch.
 *
 * @param routed called when every session has it that is to have it.
 * @returns false: nobody has subscribed to its topic. What the plugins decide is not told by it, and what is
 * still being searched for counts as found.
 */
export function deliver(realm: DeliveryRealm, message: Message, routed: (() => void) | null = null): boolean {
  const routing = routed === null ? null : new Completion(routed)
  if (!realm.hooks.decidesReceive && realm.hooks.byDefault !== ALLOW) {
    routing?.end()
    return true
  }
  const { subscriptions, turns } = realm
  const known = subscriptions.known(message.topic)
  if (known !== undefined) return deliverBy(realm, message, known, routing)
  // a topic that nobody published to lately, and thousands of filters that overlap, are work of their own
  const search = subscriptions.search(message.topic)
  turns.spend(search.goOn(SEARCHED_AT_ONCE) * SEARCH_COST)
  if (search.route !== null) return deliverBy(realm, message, search.route, routing)
  spread(realm, deliverFound(realm, message, search, routing), routing)
  return true
}

function deliverBy(realm: DeliveryRealm, message: Message, route: Route<Session>, routing: Routing): boolean {
  const count = route.matches.length + route.groups.length
  if (count === 0) {
    routing?.end()
    return false
  }
  const isAsked = realm.hooks.decidesReceive
  const cost = count * eachCost(realm, message)
  // messages of one topic leave in the order in which they came [MQTT-4.6.0-6]
  // [3.1.1 MQTT-4.6.0-5][3.1.1 MQTT-4.6.0-6]
  if (cost > DELIVERED_AT_ONCE_COST || realm.spreading > 0)
    spread(realm, deliverInSteps(realm, message, route, routing), routing)
  else {
    if (isAsked) for (const spent of ask(realm, message, route, routing)) realm.turns.spend(spent)
    else {
      const fan = startFan(message)
      // [3.1.1 MQTT-4.5.0-1]
      for (const match of route.matches) sendOwn(realm, message, match, fan)
      for (const group of route.groups) sendGroup(realm, message, group, fan)
      realm.turns.spend(cost)
    }
    routing?.end()
  }
  return true
}

/** Where plugins decide each recipient is written out in the question: as if its copy had no bytes. */
function eachCost({ hooks }: DeliveryRealm, message: Message): number {
  return hooks.decidesReceive ? DELIVERY_COST : DELIVERY_COST + sizeOf(message)
}

function deliverInSteps(
  realm: DeliveryRealm,
  message: Message,
  route: Route<Session>,
  routing: Routing,
): Steps {
  return realm.hooks.decidesReceive
    ? ask(realm, message, route, routing)
    : sendAll(realm, message, route, eachCost(realm, message))
}

function* deliverFound(
  realm: DeliveryRealm,
  message: Message,
  search: RouteSearch<Session>,
  routing: Routing,
): Steps {
  while (search.route === null) yield search.goOn(SEARCHED_AT_ONCE) * SEARCH_COST
  yield* deliverInSteps(realm, message, search.route, routing)
}

/** A message to many, or a large one, is more than a turn's work: it reaches one after the other. */
function spread(realm: DeliveryRealm, steps: Steps, routing: Routing): void {
  realm.spreading += 1
  realm.turns.run(realm.name, spreading(realm, steps, routing))
}

function* spreading(realm: DeliveryRealm, steps: Steps, routing: Routing): Steps {
  yield* steps
  realm.spreading -= 1
  routing?.end()
}

function* sendAll(
  realm: DeliveryRealm,
  message: Message,
  { matches, groups }: Route<Session>,
  eachCost: number,
): Steps {
  const fan = new FanOut(message)
  let cost = 0
  for (let place = 0; place < matches.length + groups.length; place += 1) {
    const match = matches[place]
    const group = groups[place - matches.length]
    if (match !== undefined) sendOwn(realm, message, match, fan)
    else if (group !== undefined) sendGroup(realm, message, group, fan)
    cost += eachCost
    if (cost < WORK_TURNS.lookCost) continue
    yield cost
    cost = 0
  }
}

/** A retained message to a session that has just subscribed; its retain flag stays [3.1.1 MQTT-3.3.1-8]. */
export function deliverRetained(
  realm: DeliveryRealm,
  session: Session,
  via: Via,
  maxQos: 0 | 1 | 2,
  message: Message,
): void {
  const qos = grantedQos(realm, message, maxQos)
  if (realm.hooks.decidesReceive) {
    new AskedDelivery(realm, message, [{ session, via, qos, retain: true }]).ask('retained')
  } else if (realm.hooks.byDefault === ALLOW) send(realm, session, via, qos, true, startFan(message))
}

/** Who is connected is asked about, in batches; who is away when it is back: the answer of then counts. */
function* ask(
  realm: DeliveryRealm,
  message: Message,
  { matches, groups }: Route<Session>,
  routing: Routing,
): Steps {
  const fan = startFan(message) // one compact copy for all who are away
  let batch: Delivery[] = []
  const isQueued = (match: Match<Session>): boolean => {
    const { subscriber: session } = match
    const qos = grantedQos(realm, message, match.qos)
    const retain = retainFlag(message, match)
    if (session.connected) batch.push({ session, via: match, qos, retain })
    else if (qos > 0 || realm.delivery.queueQos0Messages)
      queue(realm, session, match, qos, retain, fan, 'due')
    return !session.connected
  }
  const askBatch = (cause: ReceiveCause): number => {
    const asked = batch
    batch = []
    if (asked.length > 0) new AskedDelivery(realm, message, asked, routing).ask(cause)
    return asked.length * DELIVERY_COST
  }
  for (const match of matches) {
    const effective = match.subscriber === message.origin ? match.local : match
    if (effective !== null && isQueued(effective)) yield DELIVERY_COST
    if (batch.length === TARGETS_ASKED) yield askBatch('live')
  }
  yield askBatch('live')
  for (const group of groups) {
    const match = group.pick(message.topic, isConnected) ?? group.pick(message.topic, isAnyone)
    if (match !== undefined && isQueued(match)) yield DELIVERY_COST
    if (batch.length === TARGETS_ASKED) yield askBatch('shared')
  }
  yield askBatch('shared')
}

function sendOwn(realm: DeliveryRealm, message: Message, match: Match<Session>, fan: FanOut): void {
  const effective = match.subscriber === message.origin ? match.local : match
  if (effective !== null) sendMatch(realm, message, effective, fan)
}

/** One member gets it, at the QoS that it was granted [MQTT-4.8.2-3]. */
function sendGroup(realm: DeliveryRealm, message: Message, group: SharedGroup<Session>, fan: FanOut): void {
  const match = group.pick(message.topic, isConnected) ?? group.pick(message.topic, isAnyone)
  if (match !== undefined) sendMatch(realm, message, match, fan)
}

function sendMatch(realm: DeliveryRealm, message: Message, match: Match<Session>, fan: FanOut): void {
  send(realm, match.subscriber, match, grantedQos(realm, message, match.qos), retainFlag(message, match), fan)
}

/** The lower of the two [MQTT-3.8.4-8], unless the operator has messages raised to what was granted. */
function grantedQos({ delivery }: DeliveryRealm, { qos }: Message, granted: 0 | 1 | 2): 0 | 1 | 2 {
  // [3.1.1 MQTT-3.8.4-6]
  return qos < granted && !delivery.upgradeOutgoingQos ? qos : granted
}

function retainFlag(message: Message, match: Match<Session>): boolean {
  return message.retain && match.retainAsPublished // [MQTT-3.3.1-12][3.1.1 MQTT-3.3.1-9]
}

const isConnected = (session: Session): boolean => session.connected
const isAnyone = (): boolean => true
