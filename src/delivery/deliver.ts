import { DELIVERED_AT_ONCE_COST, DELIVERY_COST, TARGETS_ASKED, WORK_TURNS } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import { type Message, sizeOf } from '../codec/message.ts'
import { ALLOW } from '../hooks/merge-verdicts.ts'
import type { ReceiveCause } from '../hooks/receive-round.ts'
import type { Match, Route } from '../router/subscription-tree.ts'
import type { SharedGroup } from '../router/shared-subscription.ts'
import type { Via } from '../session/outbound.ts'
import type { Session } from '../session/session.ts'
import { AskedDelivery } from './asked-delivery.ts'
import { FanOut, startFan } from './fan-out.ts'
import type { DeliveryRealm } from './ports.ts'
import { type Delivery, queue, send } from './send.ts'

/**
 * Brings a message to every session of this node that subscribed to its topic: granted QoS [MQTT-3.8.4-8],
 * retain as published, no local, one copy a session and name. Where plugins decide who receives, they are
 * asked once for the batch.
 */
export function deliver(realm: DeliveryRealm, message: Message): void {
  const route = realm.subscriptions.match(message.topic)
  if (realm.hooks.decidesReceive) return deliverAsked(realm, message, route)
  if (realm.hooks.byDefault !== ALLOW) return
  const eachCost = DELIVERY_COST + sizeOf(message)
  const cost = (route.matches.length + route.groups.length) * eachCost
  // messages of one topic leave in the order in which they came [MQTT-4.6.0-6]
  if (cost > DELIVERED_AT_ONCE_COST || realm.spreading > 0) return spread(realm, message, route, eachCost)
  const fan = startFan(message)
  for (const match of route.matches) sendOwn(realm, message, match, fan)
  for (const group of route.groups) sendGroup(realm, message, group, fan)
  realm.turns.spend(cost)
}

/** A message to many, or a large one, is more than a turn's work: it reaches one after the other. */
function spread(realm: DeliveryRealm, message: Message, route: Route<Session>, eachCost: number): void {
  realm.spreading += 1
  realm.turns.run(realm.name, spreadInSteps(realm, message, route, eachCost))
}

function* spreadInSteps(
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
  realm.spreading -= 1
}

/** A retained message to a session that has just subscribed; its retain flag stays [MQTT-3.3.1-8]. */
export function deliverRetained(
  realm: DeliveryRealm,
  session: Session,
  via: Via,
  maxQos: 0 | 1 | 2,
  message: Message,
): void {
  const qos = message.qos < maxQos ? message.qos : maxQos
  if (realm.hooks.decidesReceive) {
    new AskedDelivery(realm, message, [{ session, via, qos, retain: true }]).ask('retained')
  } else if (realm.hooks.byDefault === ALLOW) send(realm, session, via, qos, true, startFan(message))
}

function deliverAsked(realm: DeliveryRealm, message: Message, route: Route<Session>): void {
  const fan = startFan(message) // one compact copy for all who are away
  const live: Delivery[] = []
  const shared: Delivery[] = []
  const sort = (match: Match<Session>, connected: Delivery[]): void => {
    const { subscriber: session } = match
    const qos = grantedQos(message, match)
    const retain = retainFlag(message, match)
    if (session.connected) connected.push({ session, via: match, qos, retain })
    // who is away is asked about when it is back: the answer of then counts
    else if (qos > 0) queue(realm, session, match, qos as 1 | 2, retain, fan, 'due')
  }
  for (const match of route.matches) {
    const effective = match.subscriber === message.origin ? match.local : match
    if (effective !== null) sort(effective, live)
  }
  for (const group of route.groups) {
    const match = group.pick(message.topic, isConnected) ?? group.pick(message.topic, isAnyone)
    if (match !== undefined) sort(match, shared)
  }
  askInBatches(realm, message, live, 'live')
  askInBatches(realm, message, shared, 'shared')
}

function askInBatches(
  realm: DeliveryRealm,
  message: Message,
  deliveries: readonly Delivery[],
  cause: ReceiveCause,
): void {
  for (let from = 0; from < deliveries.length; from += TARGETS_ASKED) {
    new AskedDelivery(realm, message, deliveries.slice(from, from + TARGETS_ASKED)).ask(cause)
  }
  // each recipient is written out in the question, which costs as much as sending it the message
  realm.turns.spend(deliveries.length * DELIVERY_COST)
}

function sendOwn(realm: DeliveryRealm, message: Message, match: Match<Session>, fan: FanOut): void {
  const effective = match.subscriber === message.origin ? match.local : match
  if (effective !== null) sendMatch(realm, message, effective, fan)
}

function sendGroup(realm: DeliveryRealm, message: Message, group: SharedGroup<Session>, fan: FanOut): void {
  const match = group.pick(message.topic, isConnected) ?? group.pick(message.topic, isAnyone)
  if (match !== undefined) sendMatch(realm, message, match, fan)
}

function sendMatch(realm: DeliveryRealm, message: Message, match: Match<Session>, fan: FanOut): void {
  send(realm, match.subscriber, match, grantedQos(message, match), retainFlag(message, match), fan)
}

function grantedQos(message: Message, match: Match<Session>): 0 | 1 | 2 {
  return message.qos < match.qos ? message.qos : match.qos
}

function retainFlag(message: Message, match: Match<Session>): boolean {
  return message.retain && match.retainAsPublished // [MQTT-3.3.1-12]
}

const isConnected = (session: Session): boolean => session.connected
const isAnyone = (): boolean => true
