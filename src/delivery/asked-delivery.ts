import type { LaneEntry } from '../base/lanes.ts'
import type { Completion } from '../base/completion.ts'
import { DELIVERY_COST, REFUSED_RECIPIENTS_KEPT, WORK_TURNS } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import { type Message, sizeOf } from '../codec/message.ts'
import { type Changed, ReceiveQuestion } from '../hooks/receive-question.ts'
import type { ReceiveCause } from '../hooks/receive-round.ts'
import type { Form } from '../session/outgoing.ts'
import { FanOut } from './fan-out.ts'
import type { DeliveryRealm } from './ports.ts'
import { type Delivery, send, sendForm } from './send.ts'

/**
 * A message that waits for the plugins' word on a batch of recipients, and then leaves to those who may have
 * it. Messages of one topic leave in the order in which they came [MQTT-4.6.0-6]: what was answered in
 * advance, or is asked about once, waits for what is asked about twice.
 */
export class AskedDelivery extends ReceiveQuestion implements LaneEntry {
  next: LaneEntry | null = null
  isFirst = false
  isReady = false
  readonly #realm: DeliveryRealm
  readonly #batch: readonly Delivery[]
  readonly #routing: Completion | null
  #cause: ReceiveCause = 'live'

  /** @param routing null: nobody waits for its end. */
  constructor(
    realm: DeliveryRealm,
    message: Message,
    batch: readonly Delivery[],
    routing: Completion | null = null,
  ) {
    super(
      realm.hooks,
      message,
      batch.map(({ session, via }) => ({ client: session.client, filter: via.filter })),
    )
    this.#realm = realm
    this.#batch = batch
    this.#routing = routing
    routing?.begin()
  }

  override ask(cause: ReceiveCause): void {
    this.#cause = cause
    this.#realm.deliveries.enter(this.message.topic, this)
    super.ask(cause)
  }

  protected override decided(): void {
    this.#realm.deliveries.ready(this.message.topic, this)
  }

  /** One frame of a cell brings the answers for many messages: all of them are more than a turn's work. */
  leave(): void {
    this.#realm.turns.run(this.#realm.name, this.#send())
  }

  *#send(): Steps {
    // its own: between two steps others are delivered
    const fan = new FanOut(this.message)
    const eachCost = DELIVERY_COST + sizeOf(this.message)
    let cost = 0
    let fans: Map<Message, FanOut> | null = null
    let refused = 0
    for (const [place, delivery] of this.#batch.entries()) {
      const { session, via, qos, retain } = delivery
      const changed = this.changed(place)
      if (session.client !== this.targets[place]?.client) this.#askAnew(delivery)
      else if (!this.isAllowed(place)) {
        if (refused < REFUSED_RECIPIENTS_KEPT)
          this.#realm.notReceived(session, this.message, this.voicesOn(place))
        refused += 1
        this.#realm.dropped(session, this.message, 'denied')
      } else if (changed === null) send(this.#realm, session, via, qos, retain, fan)
      else {
        fans ??= new Map<Message, FanOut>()
        const form = formFor(changed, { qos, retain, as: via.as })
        sendForm(this.#realm, delivery, fan, form, fanOf(fans, changed.message))
      }
      cost += eachCost
      if (cost < WORK_TURNS.lookCost) continue
      yield cost
      cost = 0
    }
    this.#routing?.end()
    yield cost
  }

  /** The session's client has become somebody else: the answer is about who it was. */
  #askAnew(delivery: Delivery): void {
    new AskedDelivery(this.#realm, this.message, [delivery], this.#routing).ask(this.#cause)
  }
}

/** What is changed alike is encoded once, as what is not changed is. */
function fanOf(fans: Map<Message, FanOut>, message: Message): FanOut {
  const known = fans.get(message)
  if (known !== undefined) return known
  const fan = new FanOut(message)
  fans.set(message, fan)
  return fan
}

/**
 * What one recipient gets of a message that plugins have changed for it. A topic that they name is the one
 * that it sees; the retain flag that they name is the one that it gets.
 */
export function formFor(
  { message, patch }: Changed,
  { qos, retain, as }: Pick<Form, 'qos' | 'retain' | 'as'>,
): Form {
  return {
    message,
    // a message that was raised to the subscription's QoS stays so, unless plugins lower it
    qos: patch.qos !== undefined && patch.qos < qos ? patch.qos : qos,
    retain: patch.retain ?? retain,
    as: patch.topic === undefined ? as : null,
  }
}
