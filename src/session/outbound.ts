import { RingBuffer } from '../base/ring-buffer.ts'
import { type Message, payloadSize, sizeOf } from '../codec/message.ts'
import type { Link } from './ports.ts'

/**
 * How far the receive check of a waiting message is. One that was routed to an absent client is checked when
 * it is drained: what the client may see is decided when it is there to see it.
 */
export type ReceiveCheck = 'due' | 'asked' | 'allowed' | 'denied'

/** The subscription that brings a message to a session: a match of the tree, or one filter of a SUBSCRIBE. */
export interface Via {
  readonly subscriptionIds: readonly number[] | null
  /** The filter that routed it, which may be another than the client's own. */
  readonly filter: string
  /** The topic name under which the client gets it; null: the message's own. */
  readonly as: string | null
}

/** What plugins have made of a message for one recipient; QoS is its own already. */
export interface Form {
  readonly message: Message
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** As {@link Via.as}. */
  readonly as: string | null
}

/**
 * A message on its way to one session: first waiting, as it was published; then, unless its QoS is 0, in
 * flight, in the form in which it leaves and, if need be, leaves again.
 */
export class Outgoing {
  readonly message: Message
  /** 0 only of what waits. */
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly subscriptionIds: readonly number[] | null
  readonly filter: string
  readonly as: string | null
  check: ReceiveCheck
  /** What plugins are asked about: it was published so, whatever it leaves as. */
  readonly published: Message
  /** In what form it is to leave; null: as it is. Belongs to the check, and ends with it. */
  form: Form | null
  /** Who asks about it now; the answer to an older question is not wanted. */
  asker: object | null = null
  /** What it counts for while it waits. */
  bytes = 0
  /** PUBREC has come: only PUBREL may be sent again [MQTT-4.3.3-5]. */
  released = false

  constructor(
    message: Message,
    qos: 0 | 1 | 2,
    retain: boolean,
    { subscriptionIds, filter, as }: Via,
    check: ReceiveCheck,
    form: Form | null = null,
    published: Message = message,
  ) {
    this.message = message
    this.published = published
    this.qos = qos
    this.retain = retain
    this.subscriptionIds = subscriptionIds
    this.filter = filter
    this.as = as
    this.check = check
    this.form = form
  }
}

/**
 * What a session owes its client: messages in flight by packet identifier, in the order of sending, until the
 * client acknowledges them [MQTT-4.3.2-3][MQTT-4.3.3-3]; those that were in flight when the connection was
 * lost; and the queue of those that wait for the window or for the client. All are bounded.
 */
export class Outbound {
  /** In the order of sending: a Map iterates in the order of insertion [MQTT-4.6.0-1][3.1.1 MQTT-4.6.0-1]. */
  readonly #inflight = new Map<number, Outgoing>()
  /** Sent on an earlier connection and not again on this one; they go first, under their old identifiers. */
  readonly #interrupted = new Map<number, Outgoing>()
  readonly waiting: RingBuffer<Outgoing>
  waitingBytes = 0
  #maxWaiting: number
  readonly maxWaitingBytes: number
  readonly #maxInflight: number
  readonly #maxInflightBytes: number
  /** The payloads in flight. */
  #inflightBytes = 0
  #lastPacketId = 0

  constructor(
    maxInflight: number,
    maxWaiting: number,
    maxWaitingBytes: number,
    maxInflightBytes: number = Number.POSITIVE_INFINITY,
  ) {
    this.#maxInflight = maxInflight
    this.#maxInflightBytes = maxInflightBytes
    this.maxWaitingBytes = maxWaitingBytes
    this.#maxWaiting = maxWaiting
    this.waiting = new RingBuffer(maxWaiting)
  }

  /** How many may wait from now on, at most as many as at first; what waits already, stays. */
  bound(maxWaiting: number = this.waiting.bound): void {
    this.#maxWaiting = maxWaiting
  }

  /** By packet identifier, in the order of sending. */
  get inflight(): ReadonlyMap<number, Outgoing> {
    return this.#inflight
  }

  /** True when a message may leave at once: nothing waits before it, and the window is open. */
  open(link: Link): boolean {
    return this.waiting.length === 0 && this.#interrupted.size === 0 && this.windowOpen(link)
  }

  /**
   * Whether a message of QoS 1 or 2 may leave [MQTT-4.9.0-1][MQTT-4.9.0-2]. Nothing else asks: it is not held
   * back [MQTT-3.3.4-10][MQTT-4.9.0-3].
   */
  windowOpen(link: Link): boolean {
    const size = this.#inflight.size
    const hasRoom = size < this.#maxInflight && this.#inflightBytes < this.#maxInflightBytes
    return size < link.receiveMaximum && hasRoom && !link.congested
  }

  /**
   * Puts a message in flight and returns its packet identifier, unused and not zero [MQTT-2.2.1-4]
   * [MQTT-4.3.2-1][MQTT-4.3.3-1].
   */
  launch(outgoing: Outgoing): number {
    let id = this.#lastPacketId
    // [3.1.1 MQTT-2.3.1-4]
    do id = id === 0xffff ? 1 : id + 1
    while (this.#inflight.has(id)) // ends: an open window is smaller than the 65,535 identifiers
    this.#lastPacketId = id
    this.#fly(id, outgoing)
    return id
  }

  /**
   * PUBREC has come: it goes behind what was released before, so PUBREL is sent again in the order of PUBRECs
   * [MQTT-4.6.0-4].
   */
  release(packetId: number, outgoing: Outgoing): void {
    if (outgoing.released) return
    outgoing.released = true
    this.#inflight.delete(packetId)
    this.#inflight.set(packetId, outgoing)
  }

  /**
   * The client is back on a new connection. What it has acknowledged with PUBREC stays in flight; the rest is
   * to be sent again by {@link relaunch}, what came by a shared subscription too [MQTT-4.8.2-4]. What waits
   * is to be checked again: it may be back as somebody else.
   */
  resume(): void {
    // as a fresh session, which most are
    if (!this.hasSent) return this.recheck()
    const leftBefore = [...this.#interrupted]
    this.#interrupted.clear()
    for (const [id, outgoing] of this.#inflight) {
      if (outgoing.released) continue
      this.settle(id)
      this.#interrupted.set(id, outgoing)
    }
    for (const [id, outgoing] of leftBefore) this.#interrupted.set(id, outgoing)
    this.recheck()
  }

  /**
   * The client is not who it was when what is still to be sent was checked. What it has lost the subscription
   * to stays denied.
   */
  recheck(): void {
    for (const outgoing of this.#interrupted.values()) {
      outgoing.asker = null
      if (outgoing.check !== 'denied') outgoing.check = 'due'
    }
    for (let place = 0; place < this.waiting.length; place += 1) {
      const outgoing = this.waiting.at(place)
      if (outgoing !== undefined) this.setCheck(outgoing, 'due', null)
    }
  }

  /** Whether anything was sent that the client has not acknowledged, as it must [MQTT-4.5.0-2]. */
  get hasSent(): boolean {
    return this.#inflight.size > 0 || this.#interrupted.size > 0
  }

  /** What is to be sent again, in its order. */
  get interrupted(): Iterable<Outgoing> {
    return this.#interrupted.values()
  }

  /** Whose turn it is to be sent again; undefined: there is none. */
  get nextInterrupted(): Outgoing | undefined {
    if (this.#interrupted.size === 0) return undefined
    const [next] = this.#interrupted.values()
    return next
  }

  /** What is in flight, and was not received for all that is known, is not to be sent again. */
  forbid(isForbidden: (outgoing: Outgoing) => boolean): void {
    for (const sent of [this.#inflight, this.#interrupted]) {
      for (const outgoing of sent.values()) {
        if (outgoing.released || !isForbidden(outgoing)) continue
        outgoing.check = 'denied'
        outgoing.asker = null
      }
    }
  }

  /** The packet identifier of the next message to be sent again, now in flight; 0: there is none left. */
  relaunch(): number {
    const [next] = this.#interrupted
    if (next === undefined) return 0
    const [id, outgoing] = next
    this.#interrupted.delete(id)
    this.#fly(id, outgoing)
    return id
  }

  #fly(id: number, outgoing: Outgoing): void {
    this.#inflight.set(id, outgoing)
    this.#inflightBytes += payloadSize(outgoing.message)
  }

  /** A message in flight has arrived, or is not to arrive any more: its identifier is free. */
  settle(packetId: number): void {
    const outgoing = this.#inflight.get(packetId)
    if (outgoing === undefined) return
    this.#inflight.delete(packetId)
    this.#inflightBytes -= payloadSize(outgoing.message)
  }

  /** False at the bound: the newest message is the one that is dropped, nothing accepted is evicted. */
  enqueue(outgoing: Outgoing): boolean {
    const bytes = bytesOf(outgoing)
    if (this.waiting.length >= this.#maxWaiting || this.waitingBytes + bytes > this.maxWaitingBytes)
      return false
    if (!this.waiting.push(outgoing)) return false
    outgoing.bytes = bytes
    this.waitingBytes += bytes
    return true
  }

  /** Takes out of the queue what is not to be sent after all; the rest keeps its order. */
  withdraw(isWithdrawn: (outgoing: Outgoing) => boolean): readonly Outgoing[] {
    const withdrawn: Outgoing[] = []
    for (let left = this.waiting.length; left > 0; left -= 1) {
      const outgoing = this.dequeue()
      if (outgoing === undefined) break
      if (isWithdrawn(outgoing)) withdrawn.push(outgoing)
      else this.enqueue(outgoing)
    }
    return withdrawn
  }

  /**
   * Where the check of a message that waits stands; its form waits with it, at the queue's expense. Nobody
   * asks about it any more.
   */
  setCheck(outgoing: Outgoing, check: ReceiveCheck, form: Form | null): void {
    outgoing.check = check
    outgoing.form = form
    outgoing.asker = null
    const bytes = bytesOf(outgoing)
    this.waitingBytes += bytes - outgoing.bytes
    outgoing.bytes = bytes
  }

  dequeue(): Outgoing | undefined {
    const outgoing = this.waiting.shift()
    if (outgoing !== undefined) this.waitingBytes -= outgoing.bytes
    return outgoing
  }
}

function bytesOf({ message, form, as }: Outgoing): number {
  return sizeOf(message) + (as?.length ?? 0) + (form === null ? 0 : sizeOf(form.message))
}
