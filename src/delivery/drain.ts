import { writeAck } from '../codec/ack-view.ts'
import { appendPublish, encodePublish } from '../codec/encode-publish.ts'
import { PacketType } from '../codec/packet-type.ts'
import { ReceiveQuestion } from '../hooks/receive-question.ts'
import type { Outgoing } from '../session/outbound.ts'
import type { Link } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import type { DeliveryRealm } from './ports.ts'

/**
 * Waiting messages that plugins are asked about ahead of the window, so that the window is not idle
 * meanwhile.
 */
const ASKED_AHEAD = 32

/** Sends what waits, in order, as far as the client's window and its socket are open. */
export function drain(realm: DeliveryRealm, session: Session): void {
  const { link, outbound } = session
  if (link === null) return
  askAhead(realm, session)
  while (outbound.windowOpen(link)) {
    const head = outbound.waiting.peek()
    if (head === undefined || head.check === 'asked') return
    outbound.dequeue()
    if (head.check === 'denied') realm.dropped(session, head.message, 'denied')
    else if (isExpired(head)) realm.dropped(session, head.message, 'expired')
    else launch(realm, session, link, head)
    askAhead(realm, session)
  }
}

/**
 * After a resumption: what was in flight is sent again first, in its order [MQTT-4.4.0-1], PUBLISH with DUP,
 * what was received already only as PUBREL; then what waits.
 */
export function redeliver(realm: DeliveryRealm, session: Session, link: Link): void {
  for (const [packetId, outgoing] of session.outbound.inflight) {
    if (outgoing.released) {
      writeAck(link.out, PacketType.PUBREL, packetId, 0, link.version)
      continue
    }
    const { message, qos, retain, subscriptionIds } = outgoing
    // [MQTT-3.3.1-1]: a re-delivery is marked as such
    const encoded = encodePublish(message, link.version, qos, retain, true, subscriptionIds, Date.now())
    if (encoded.end - encoded.start > link.maximumPacketSize) {
      session.outbound.inflight.delete(packetId)
      realm.dropped(session, message, 'too-large')
    } else appendPublish(link.out, encoded, packetId)
  }
  drain(realm, session)
}

function launch(realm: DeliveryRealm, session: Session, link: Link, outgoing: Outgoing): void {
  const { message, qos, retain, subscriptionIds } = outgoing
  const now = message.expiresAt === 0 ? 0 : Date.now()
  const encoded = encodePublish(message, link.version, qos, retain, false, subscriptionIds, now)
  if (encoded.end - encoded.start > link.maximumPacketSize) realm.dropped(session, message, 'too-large')
  else appendPublish(link.out, encoded, session.outbound.launch(outgoing))
}

function isExpired(outgoing: Outgoing): boolean {
  const { expiresAt } = outgoing.message
  return expiresAt !== 0 && expiresAt <= Date.now() // [MQTT-3.3.2-5]
}

/** What was routed while the client was away is asked about now, a few at a time. */
function askAhead(realm: DeliveryRealm, session: Session): void {
  const { waiting } = session.outbound
  const asks = realm.hooks.receive.length > 0
  for (let place = 0; place < ASKED_AHEAD; place++) {
    const outgoing = waiting.at(place)
    if (outgoing === undefined) return
    if (outgoing.check !== 'due') continue
    if (asks) new QueuedQuestion(realm, session, outgoing).start()
    else outgoing.check = 'allowed'
  }
}

/** One waiting message's question; the answer moves the queue. */
class QueuedQuestion extends ReceiveQuestion {
  readonly #realm: DeliveryRealm
  readonly #session: Session
  readonly #outgoing: Outgoing
  #starting = false

  constructor(realm: DeliveryRealm, session: Session, outgoing: Outgoing) {
    super(realm.hooks.receive, 1)
    this.#realm = realm
    this.#session = session
    this.#outgoing = outgoing
  }

  start(): void {
    const { message, filter } = this.#outgoing
    this.#outgoing.check = 'asked'
    this.#starting = true
    this.ask(this.#realm.hooks, message, 'queued', [{ client: this.#session.client, filter }])
    this.#starting = false
  }

  protected override decided(allowed: (place: number) => boolean): void {
    this.#outgoing.check = allowed(0) ? 'allowed' : 'denied'
    // an answer within the question (an overload) finds the drain under way: it will come to this message
    // itself
    if (!this.#starting) drain(this.#realm, this.#session)
  }
}
