import { TimerEntry } from '../base/timer-wheel.ts'
import type { Message } from '../codec/message.ts'
import type { Client } from './client.ts'

/**
 * The message that a client left to be published should its connection end without a goodbye [MQTT-3.1.2-8].
 * Between the end and its delay it waits in the timer wheel; the client's return cancels it [MQTT-3.1.3-9].
 */
export class PendingWill extends TimerEntry {
  readonly message: Message
  /** As whom it is published: the client may be gone by then. */
  readonly client: Client
  readonly delaySec: number
  /** How long the message is good for once it is published; absent: for ever. */
  readonly expirySec: number | undefined
  /** A plugin has put it off: it does so once. */
  isDeferred = false
  /** What to do when the delay has passed; set by who arms the timer. */
  onDue: (() => void) | null = null

  constructor(message: Message, client: Client, delaySec: number, expirySec: number | undefined) {
    super()
    this.message = message
    this.client = client
    this.delaySec = delaySec
    this.expirySec = expirySec
  }

  override expired(): void {
    this.onDue?.()
  }
}
