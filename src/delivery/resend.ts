import { ASKED_AHEAD } from '../base/limits.ts'
import { writeAck } from '../codec/ack-view.ts'
import { appendPublish, encodePublish } from '../codec/encode-publish.ts'
import { PacketType } from '../codec/packet-type.ts'
import { hasSameContent, patchMessage } from '../codec/patch-message.ts'
import { ReceiveQuestion } from '../hooks/receive-question.ts'
import type { Client } from '../session/client.ts'
import type { Outgoing } from '../session/outgoing.ts'
import type { Link } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import { formFor } from './asked-delivery.ts'
import type { DeliveryRealm } from './ports.ts'

/** Goes on with what a session is owed. */
type GoOn = (realm: DeliveryRealm, session: Session) => void

/**
 * What an earlier connection left in flight is sent again, marked as a re-delivery [MQTT-3.3.1-1]
 * [3.1.1 MQTT-3.3.1-1], in its order [MQTT-4.4.0-1][3.1.1 MQTT-4.4.0-1] and as far as its client may have it
 * now: nobody knows whether it has arrived before.
 *
 * @param goOn called when an answer that it waits for has come.
 * @returns whether nothing of it is left: what waits comes behind it.
 */
export function sendAgain(realm: DeliveryRealm, session: Session, link: Link, goOn: GoOn): boolean {
  const { outbound } = session
  askAhead(realm, session, goOn)
  for (;;) {
    const outgoing = outbound.nextInterrupted
    if (outgoing === undefined) return true
    if (!outbound.windowOpen(link) || outgoing.check === 'asked') return false
    const packetId = outbound.relaunch()
    if (outgoing.check === 'denied') forgo(realm, session, link, outgoing, packetId)
    else resend(realm, session, link, outgoing, packetId)
    askAhead(realm, session, goOn)
  }
}

function resend(
  realm: DeliveryRealm,
  session: Session,
  link: Link,
  { message, qos, retain, subscriptionIds }: Outgoing,
  packetId: number,
): void {
  // what was sent expires no more: its interval only counts down [MQTT-4.3.3-7]
  const now = message.expiresAt === 0 ? 0 : Date.now()
  const encoded = encodePublish(message, link.version, qos, retain, true, subscriptionIds, now)
  if (encoded.end - encoded.start > link.maximumPacketSize) {
    session.outbound.settle(packetId)
    realm.dropped(session, message, 'too-large')
    // under its full name, though the client may know an alias: what comes twice is rare
  } else appendPublish(link.out, encoded, packetId)
}

/**
 * What may not be sent again is over as if it had arrived. Of QoS 2 the client may hold the identifier, and
 * would take the next message by it for a repetition: PUBREL makes it let go [MQTT-4.3.3-11].
 */
function forgo(
  realm: DeliveryRealm,
  session: Session,
  link: Link,
  outgoing: Outgoing,
  packetId: number,
): void {
  realm.dropped(session, outgoing.published, 'denied')
  if (outgoing.qos === 1) {
    session.outbound.settle(packetId)
    return
  }
  session.outbound.release(packetId, outgoing)
  session.whenSafe(() => {
    if (session.link === link) writeAck(link.out, PacketType.PUBREL, packetId, 0, link.version)
  })
}

function askAhead(realm: DeliveryRealm, session: Session, goOn: GoOn): void {
  let ahead = 0
  for (const outgoing of session.outbound.interrupted) {
    if (ahead >= ASKED_AHEAD) return
    ahead += 1
    if (outgoing.check !== 'due') continue
    if (realm.hooks.decidesReceive) new ResendQuestion(realm, session, outgoing, goOn).start()
    else outgoing.check = 'allowed'
  }
}

/** May this client have once more what it may have got before? In the very form in which it was sent. */
class ResendQuestion extends ReceiveQuestion {
  readonly #realm: DeliveryRealm
  readonly #session: Session
  readonly #outgoing: Outgoing
  readonly #client: Client
  readonly #goOn: GoOn
  #starting = false

  constructor(realm: DeliveryRealm, session: Session, outgoing: Outgoing, goOn: GoOn) {
    const { client } = session
    super(realm.hooks, outgoing.published, [{ client, filter: outgoing.filter }])
    this.#realm = realm
    this.#session = session
    this.#outgoing = outgoing
    this.#client = client
    this.#goOn = goOn
  }

  start(): void {
    this.#outgoing.check = 'asked'
    this.#outgoing.asker = this
    this.#starting = true
    this.ask('queued')
    this.#starting = false
  }

  protected override decided(): void {
    const outgoing = this.#outgoing
    // another connection has come meanwhile, and another question has been asked
    if (outgoing.asker !== this) return
    outgoing.asker = null
    if (this.#session.client !== this.#client) outgoing.check = 'due'
    else {
      const allowed = this.isAllowed(0) && this.#isAsSent()
      if (!allowed) this.#realm.notReceived(this.#session, outgoing.published, this.voicesOn(0))
      outgoing.check = allowed ? 'allowed' : 'denied'
    }
    // an answer within the question finds the sending under way
    if (!this.#starting) this.#goOn(this.#realm, this.#session)
  }

  /** What was sent cannot be changed any more: where plugins make something else of it now, it is over. */
  #isAsSent(): boolean {
    const { published, message, qos, retain, as } = this.#outgoing
    const changed = this.changed(0)
    const form = changed === null ? { message: published, as } : formFor(changed, { qos, retain, as })
    const now = form.as === null ? form.message : patchMessage(form.message, { topic: form.as }, 0)
    return hasSameContent(now, message)
  }
}
