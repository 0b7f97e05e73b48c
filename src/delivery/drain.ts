import { ASKED_AHEAD } from '../base/limits.ts'
import { writeAck } from '../codec/ack-view.ts'
import { encodePublish } from '../codec/encode-publish.ts'
import { PacketType } from '../codec/packet-type.ts'
import type { Message } from '../codec/message.ts'
import { patchMessage } from '../codec/patch-message.ts'
import { ReceiveQuestion } from '../hooks/receive-question.ts'
import type { Client } from '../session/client.ts'
import { type Form, Outgoing } from '../session/outgoing.ts'
import type { Link } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import { formFor } from './asked-delivery.ts'
import type { DeliveryRealm, DropReason } from './ports.ts'
import { put } from './put.ts'
import { sendAgain } from './resend.ts'

/** Sends what waits, in order, as far as the client's window and its socket are open. */
export function drain(realm: DeliveryRealm, session: Session): void {
  const { link, outbound } = session
  if (link === null) return
  askAhead(realm, session)
  if (!sendAgain(realm, session, link, drain)) return
  refill(realm, session, link)
  while (outbound.windowOpen(link)) {
    const head = outbound.waiting.peek()
    if (head === undefined || head.check === 'asked') return
    outbound.dequeue()
    if (head.check === 'denied') drop(realm, session, head, 'denied')
    else if (isExpired(formOf(head).message)) {
      if (formOf(head).qos > 0) outbound.forgoPacketId()
      drop(realm, session, head, 'expired')
    } else launch(realm, session, link, head)
    askAhead(realm, session)
    refill(realm, session, link)
  }
}

/** What waits in the store alone comes into memory, some at a time, as what is before it leaves. */
function refill(realm: DeliveryRealm, session: Session, link: Link): void {
  const isStray = ({ filter }: Outgoing): boolean =>
    !session.subscriptions.values().some(({ parsed }) => parsed.filter === filter)
  session.outbound.refill(link, isStray, (strays) => {
    for (const { message } of strays) realm.dropped(session, message, 'denied')
    drain(realm, session)
  })
}

/**
 * After a resumption: what was received already is released by PUBREL, what else was in flight is sent again
 * in its order [MQTT-4.4.0-1], then what waits. The client may have a smaller window than it had.
 */
export function redeliver(realm: DeliveryRealm, session: Session, link: Link): void {
  const { outbound } = session
  outbound.resume()
  for (const [packetId, outgoing] of outbound.inflight) {
    session.whenSafe(() => {
      const isLeft = session.link === link && outbound.inflight.get(packetId) === outgoing
      if (isLeft) writeAck(link.out, PacketType.PUBREL, packetId, 0, link.version)
    })
  }
  drain(realm, session)
}

function launch(realm: DeliveryRealm, session: Session, link: Link, waiting: Outgoing): void {
  const { qos, retain, ...form } = formOf(waiting)
  const message = form.as === null ? form.message : patchMessage(form.message, { topic: form.as }, 0)
  const now = message.expiresAt === 0 ? 0 : Date.now()
  const { subscriptionIds } = waiting
  const encoded = encodePublish(message, link.version, qos, retain, false, subscriptionIds, now)
  const isAsPublished = message === waiting.message && qos === waiting.qos && retain === waiting.retain
  const flying = qos === 0 ? null : isAsPublished ? waiting : leavingAs(waiting, message, qos, retain)
  if (!put(link, session, message.topic, encoded, flying)) drop(realm, session, waiting, 'too-large')
  else if (flying === null) session.outbound.discard(waiting)
}

/** What goes in flight in another form than it waited in; plugins are asked about what was published. */
function leavingAs(waiting: Outgoing, message: Message, qos: 1 | 2, retain: boolean): Outgoing {
  const { message: published, ...via } = waiting
  const leaving = new Outgoing(message, qos, retain, via, 'allowed', null, published)
  leaving.isChanged = waiting.form !== null
  leaving.place = waiting.place
  return leaving
}

/** What is not sent after all. */
function drop(realm: DeliveryRealm, session: Session, outgoing: Outgoing, reason: DropReason): void {
  session.outbound.discard(outgoing)
  realm.dropped(session, outgoing.message, reason)
}

/** What a waiting message is to leave as. */
function formOf(waiting: Outgoing): Form {
  return waiting.form ?? waiting
}

function isExpired({ expiresAt }: Message): boolean {
  return expiresAt !== 0 && expiresAt <= Date.now() // [MQTT-3.3.2-5]
}

/** What was routed while the client was away is asked about now, a few at a time. */
function askAhead(realm: DeliveryRealm, session: Session): void {
  const { waiting } = session.outbound
  const asks = realm.hooks.decidesReceive
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
  /** As whom the session's client is asked about. */
  readonly #client: Client
  #starting = false

  constructor(realm: DeliveryRealm, session: Session, outgoing: Outgoing) {
    const { client } = session
    super(realm.hooks, outgoing.message, [{ client, filter: outgoing.filter }])
    this.#realm = realm
    this.#session = session
    this.#outgoing = outgoing
    this.#client = client
  }

  start(): void {
    this.#outgoing.check = 'asked'
    this.#outgoing.asker = this
    this.#starting = true
    this.ask('queued')
    this.#starting = false
  }

  protected override decided(): void {
    const { client, outbound } = this.#session
    // the client came back meanwhile, and another question has been asked
    if (this.#outgoing.asker !== this) return
    const changed = this.changed(0)
    const form = changed === null ? null : formFor(changed, this.#outgoing)
    // the answer is about who the client was: it is asked about anew as who it has become
    if (client !== this.#client) outbound.setCheck(this.#outgoing, 'due', null)
    else {
      const allowed = this.isAllowed(0)
      if (!allowed) this.#realm.notReceived(this.#session, this.#outgoing.message, this.voicesOn(0))
      outbound.setCheck(this.#outgoing, allowed ? 'allowed' : 'denied', form)
    }
    // an answer within the question (an overload) finds the drain under way: it will come to this message
    // itself
    if (!this.#starting) drain(this.#realm, this.#session)
  }
}
