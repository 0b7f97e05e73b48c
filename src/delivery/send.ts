import { appendPublish } from '../codec/encode-publish.ts'
import { Outgoing } from '../session/outbound.ts'
import type { Session } from '../session/session.ts'
import type { FanOut } from './fan-out.ts'
import type { DeliveryRealm } from './ports.ts'

/** The subscription that brings a message to a session: a match of the tree, or one filter of a SUBSCRIBE. */
export interface Via {
  readonly subscriptionIds: readonly number[] | null
  readonly filter: string
}

/**
 * Sends at once where the way is open, else queues QoS 1 and 2; QoS 0 is not kept for who cannot take it now.
 */
export function send(
  realm: DeliveryRealm,
  session: Session,
  via: Via,
  qos: 0 | 1 | 2,
  retain: boolean,
  fan: FanOut,
): void {
  const link = session.link
  if (qos === 0) {
    if (link === null) return
    if (link.congested) return realm.dropped(session, fan.message, 'slow-client')
    const encoded = fan.encoded(link.version, 0, retain, via.subscriptionIds)
    if (encoded.end - encoded.start > link.maximumPacketSize)
      return realm.dropped(session, fan.message, 'too-large')
    appendPublish(link.out, encoded, 0)
    return
  }
  if (link === null) return queue(realm, session, via, qos, retain, fan, 'due')
  if (!session.outbound.open(link)) return queue(realm, session, via, qos, retain, fan, 'allowed')
  const encoded = fan.encoded(link.version, qos, retain, via.subscriptionIds)
  // a packet above the client's maximum is dropped as if it had been delivered [MQTT-3.1.2-25]
  if (encoded.end - encoded.start > link.maximumPacketSize)
    return realm.dropped(session, fan.message, 'too-large')
  const outgoing = new Outgoing(fan.inFlight, qos, retain, via.subscriptionIds, via.filter, 'allowed')
  appendPublish(link.out, encoded, session.outbound.launch(outgoing))
}

/** Keeps a message until its session can take it; `check` says whether its plugins were asked already. */
export function queue(
  realm: DeliveryRealm,
  session: Session,
  via: Via,
  qos: 1 | 2,
  retain: boolean,
  fan: FanOut,
  check: 'due' | 'allowed',
): void {
  const outgoing = new Outgoing(fan.kept, qos, retain, via.subscriptionIds, via.filter, check)
  if (!session.outbound.enqueue(outgoing)) realm.dropped(session, fan.message, 'queue-full')
}
