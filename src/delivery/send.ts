import { type Form, Outgoing, type Via } from '../session/outgoing.ts'
import type { Session } from '../session/session.ts'
import type { FanOut } from './fan-out.ts'
import type { DeliveryRealm } from './ports.ts'
import { put } from './put.ts'

/** One message to one session, but for the plugins' word on it. */
export interface Delivery {
  readonly session: Session
  readonly via: Via
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

/**
 * Sends at once where the way is open, else queues QoS 1 and 2; QoS 0 is not kept for who cannot take it now,
 * unless the operator wants it.
 *
 * @param published what plugins are asked about, should it be sent again.
 */
export function send(
  realm: DeliveryRealm,
  session: Session,
  via: Via,
  qos: 0 | 1 | 2,
  retain: boolean,
  fan: FanOut,
  published: FanOut = fan,
): void {
  const link = session.link
  if (qos === 0) {
    if (realm.delivery.queueQos0Messages && (link === null || session.outbound.queued > 0))
      return queue(realm, session, via, 0, retain, fan, link === null ? 'due' : 'allowed')
    if (link === null) return
    if (link.congested) return realm.dropped(session, fan.message, 'slow-client')
    const named = fan.as(via.as)
    const encoded = named.encoded(link.version, 0, retain, via.subscriptionIds)
    // [3.1.1 MQTT-4.3.1-1]
    if (!put(link, session, named.message.topic, encoded, null))
      realm.dropped(session, fan.message, 'too-large')
    return
  }
  // [3.1.1 MQTT-3.1.2-5]
  if (link === null) return queue(realm, session, via, qos, retain, fan, 'due')
  if (!session.outbound.open(link)) return queue(realm, session, via, qos, retain, fan, 'allowed')
  const named = fan.as(via.as)
  const encoded = named.encoded(link.version, qos, retain, via.subscriptionIds)
  const outgoing = new Outgoing(named.inFlight, qos, retain, via, 'allowed', null, published.inFlight)
  outgoing.isChanged = published !== fan
  // a packet above the client's maximum is dropped as if it had been delivered [MQTT-3.1.2-25]
  // [3.1.1 MQTT-4.3.2-1]
  if (!put(link, session, named.message.topic, encoded, outgoing))
    realm.dropped(session, fan.message, 'too-large')
}

/**
 * Sends what plugins have made of a message for one recipient. While it waits, so does what was published:
 * whoever comes back is asked about anew.
 *
 * @param changed of the form's message.
 */
export function sendForm(
  realm: DeliveryRealm,
  { session, via, qos, retain }: Delivery,
  fan: FanOut,
  form: Form,
  changed: FanOut,
): void {
  const { link, outbound } = session
  // it is away by now, and is asked about when it is back
  if (link === null) return send(realm, session, via, qos, retain, fan)
  const isHeldUp = realm.delivery.queueQos0Messages && outbound.queued > 0
  if ((form.qos === 0 && !isHeldUp) || outbound.open(link)) {
    const named = { subscriptionIds: via.subscriptionIds, filter: via.filter, as: form.as }
    return send(realm, session, named, form.qos, form.retain, changed, fan)
  }
  queue(realm, session, via, qos, retain, fan, 'allowed', { ...form, message: changed.kept })
}

/** Keeps a message until its session can take it; `check` says whether its plugins were asked already. */
export function queue(
  realm: DeliveryRealm,
  session: Session,
  via: Via,
  qos: 0 | 1 | 2,
  retain: boolean,
  fan: FanOut,
  check: 'due' | 'allowed',
  form: Form | null = null,
): void {
  const outgoing = new Outgoing(fan.kept, qos, retain, via, check, form)
  if (!session.outbound.enqueue(outgoing)) realm.dropped(session, fan.message, 'queue-full')
}
