import { DELIVERY_COST } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import type { Message } from '../codec/message.ts'
import { type ReceiveCause, ReceiveQuestion } from '../hooks/receive-question.ts'
import type { Session } from '../session/session.ts'
import { startFan } from './fan-out.ts'
import type { DeliveryRealm } from './ports.ts'
import { send, type Via } from './send.ts'

/** One message to one session, but for the plugins' word on it. */
export interface Delivery {
  readonly session: Session
  readonly via: Via
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

/**
 * A message that waits for the plugins' word on a batch of recipients, and then leaves to those who may have
 * it.
 */
export class AskedDelivery extends ReceiveQuestion {
  readonly #realm: DeliveryRealm
  readonly #message: Message
  readonly #batch: readonly Delivery[]

  constructor(realm: DeliveryRealm, message: Message, batch: readonly Delivery[]) {
    super(realm.hooks.receive, batch.length)
    this.#realm = realm
    this.#message = message
    this.#batch = batch
  }

  start(cause: ReceiveCause): void {
    const targets = this.#batch.map(({ session, via }) => ({ client: session.client, filter: via.filter }))
    this.ask(this.#realm.hooks, this.#message, cause, targets)
  }

  protected override decided(allowed: (place: number) => boolean): void {
    // one frame of a cell brings the answers for many messages: all of them are more than a turn's work
    this.#realm.turns.run(this.#realm.name, this.#leave(allowed))
  }

  *#leave(allowed: (place: number) => boolean): Steps {
    const fan = startFan(this.#message)
    this.#batch.forEach(({ session, via, qos, retain }, place) => {
      if (allowed(place)) send(this.#realm, session, via, qos, retain, fan)
      else this.#realm.dropped(session, this.#message, 'denied')
    })
    yield this.#batch.length * DELIVERY_COST
  }
}
