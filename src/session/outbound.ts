import { RingBuffer } from '../base/ring-buffer.ts'
import type { Message } from '../codec/message.ts'
import type { Link } from './ports.ts'

/**
 * How far the receive check of a waiting message is. One that was routed to an absent client is checked when
 * it is drained: what the client may see is decided when it is there to see it.
 */
export type ReceiveCheck = 'due' | 'asked' | 'allowed' | 'denied'

/** A QoS 1 or 2 message on its way to one session: first waiting, then in flight. */
export class Outgoing {
  readonly message: Message
  readonly qos: 1 | 2
  readonly retain: boolean
  readonly subscriptionIds: readonly number[] | null
  /** The filter that brought it here, for the receive check. */
  readonly filter: string
  check: ReceiveCheck
  /** PUBREC has come: only PUBREL may be sent again [MQTT-4.3.3-5]. */
  released = false

  constructor(
    message: Message,
    qos: 1 | 2,
    retain: boolean,
    subscriptionIds: readonly number[] | null,
    filter: string,
    check: ReceiveCheck,
  ) {
    this.message = message
    this.qos = qos
    this.retain = retain
    this.subscriptionIds = subscriptionIds
    this.filter = filter
    this.check = check
  }
}

/**
 * What a session owes its client: messages in flight by packet identifier, in the order of sending, and
 * behind them the queue of those that wait for the window or for the client. Both are bounded.
 */
export class Outbound {
  /** In the order of sending: a Map iterates in the order of insertion [MQTT-4.6.0-1]. */
  readonly inflight: Map<number, Outgoing> = new Map()
  readonly waiting: RingBuffer<Outgoing>
  waitingBytes = 0
  readonly #maxWaitingBytes: number
  readonly #maxInflight: number
  #lastPacketId = 0

  constructor(maxInflight: number, maxWaiting: number, maxWaitingBytes: number) {
    this.#maxInflight = maxInflight
    this.#maxWaitingBytes = maxWaitingBytes
    this.waiting = new RingBuffer(maxWaiting)
  }

  /** True when a message may leave at once: nothing waits before it, and the window is open. */
  open(link: Link): boolean {
    return this.waiting.length === 0 && this.windowOpen(link)
  }

  windowOpen(link: Link): boolean {
    const size = this.inflight.size
    return size < link.receiveMaximum && size < this.#maxInflight && !link.congested
  }

  /** Puts a message in flight and returns its packet identifier, unused and not zero [MQTT-2.2.1-4]. */
  launch(outgoing: Outgoing): number {
    let id = this.#lastPacketId
    do id = id === 0xffff ? 1 : id + 1
    while (this.inflight.has(id)) // ends: the window is smaller than the 65,535 identifiers
    this.#lastPacketId = id
    this.inflight.set(id, outgoing)
    return id
  }

  /** False at the bound: the newest message is the one that is dropped, nothing accepted is evicted. */
  enqueue(outgoing: Outgoing): boolean {
    const bytes = sizeOf(outgoing.message)
    if (this.waitingBytes + bytes > this.#maxWaitingBytes || !this.waiting.push(outgoing)) return false
    this.waitingBytes += bytes
    return true
  }

  dequeue(): Outgoing | undefined {
    const outgoing = this.waiting.shift()
    if (outgoing !== undefined) this.waitingBytes -= sizeOf(outgoing.message)
    return outgoing
  }
}

function sizeOf(message: Message): number {
  return message.payloadEnd - message.payloadStart + message.topicEnd - message.topicStart
}
