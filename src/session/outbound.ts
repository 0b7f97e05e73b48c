import { STORE } from '../base/limits.ts'
import { RingBuffer } from '../base/ring-buffer.ts'
import { type Message, payloadSize, sizeOf } from '../codec/message.ts'
import type { SessionLog } from '../engine/engine.ts'
import type { Form, Outgoing, ReceiveCheck } from './outgoing.ts'
import type { Link } from './ports.ts'
import { QueueRoom } from './queue-room.ts'
import { outgoingText, type Restored, restoredOutgoing } from './written.ts'

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
  /** What waits, or, of what is written down, the first of it. */
  readonly waiting: RingBuffer<Outgoing>
  /** All that waits. */
  #waitingBytes = 0
  /** What waits for all sessions of the tenant. */
  readonly room: QueueRoom
  /** Where it is written down, if it is to last. */
  #log: SessionLog<Message> | null = null
  /** What waits behind {@link waiting}, and is in the store alone. */
  #stored = 0
  /** What that counts for: a guess of what an earlier process has left. */
  #storedBytes = 0
  /** Of what is in memory, the last that is written down: what is in the store alone lies behind it. */
  #lastPlace = 0
  #isReading = false
  /** Subscriptions were taken away that what is in the store alone may have come by. */
  #isDoubted = false
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
    room: QueueRoom = new QueueRoom(),
  ) {
    this.room = room
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

  /** It is written down from here on. */
  set log(log: SessionLog<Message> | null) {
    this.#log = log
  }

  /** All that waits. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** How many messages wait. */
  get queued(): number {
    return this.waiting.length + this.#stored
  }

  /** By packet identifier, in the order of sending. */
  get inflight(): ReadonlyMap<number, Outgoing> {
    return this.#inflight
  }

  /** True when a message may leave at once: nothing waits before it, and the window is open. */
  open(link: Link): boolean {
    return this.queued === 0 && this.#interrupted.size === 0 && this.windowOpen(link)
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
    if (outgoing.place === 0) this.#write(outgoing, id)
    else this.#log?.launched(outgoing.place, id)
    if (outgoing.isChanged && outgoing.place > 0)
      this.#log?.changed(outgoing.place, outgoing.message, outgoingText(outgoing))
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
    if (outgoing.place > 0) this.#log?.released(outgoing.place)
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
      this.#land(id, outgoing)
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
    this.#land(packetId, outgoing)
    this.discard(outgoing)
  }

  /** What was taken out of the queue is not sent, or is not acknowledged. */
  discard(outgoing: Outgoing): void {
    if (outgoing.place > 0) this.#log?.settled(outgoing.place)
  }

  #land(packetId: number, outgoing: Outgoing): void {
    this.#inflight.delete(packetId)
    this.#inflightBytes -= payloadSize(outgoing.message)
  }

  /** False at the bound: the newest message is the one that is dropped, nothing accepted is evicted. */
  enqueue(outgoing: Outgoing): boolean {
    const bytes = bytesOf(outgoing)
    if (this.queued >= this.#maxWaiting || this.#waitingBytes + bytes > this.maxWaitingBytes) return false
    if (this.room.metBy(bytes) !== null) return false
    const log = outgoing.qos > 0 ? this.#log : null
    const isFull = this.#stored > 0 || (log !== null && this.waiting.length >= STORE.windowMessages)
    if (!isFull) {
      if (!this.#push(outgoing, bytes)) return false
      this.#write(outgoing, 0)
      return true
    }
    // what is not written down cannot wait behind what is in the store alone
    if (log === null) return false
    log.owed(outgoing.published, outgoingText(outgoing), 0)
    this.#stored += 1
    this.#storedBytes += bytes
    this.#wait(1, bytes)
    return true
  }

  /** More waits, or less. */
  #wait(messages: number, bytes: number): void {
    this.#waitingBytes += bytes
    this.room.add(messages, bytes)
  }

  /** The session has ended: nothing of it waits any more. */
  leave(): void {
    this.#wait(-this.queued, -this.#waitingBytes)
    this.#stored = 0
    this.#storedBytes = 0
    while (this.waiting.shift() !== undefined);
  }

  #push(outgoing: Outgoing, bytes: number): boolean {
    if (!this.waiting.push(outgoing)) return false
    outgoing.bytes = bytes
    this.#wait(1, bytes)
    return true
  }

  #write(outgoing: Outgoing, packetId: number): void {
    const log = this.#log
    if (log === null || outgoing.qos === 0) return
    outgoing.place = log.owed(outgoing.published, outgoingText(outgoing), packetId)
    this.#lastPlace = outgoing.place
  }

  /**
   * Reads the next of what is in the store alone, when there is room for it.
   *
   * @param isStray of what came by subscriptions that were taken away since.
   * @param read called when there is more to be sent; with what is not to be sent after all.
   */
  refill(isStray: (outgoing: Outgoing) => boolean, read: (strays: readonly Outgoing[]) => void): void {
    const log = this.#log
    if (log === null || this.#stored === 0 || this.#isReading) return
    const window = Math.min(STORE.windowMessages, this.waiting.bound)
    if (this.waiting.length > window / 2) return
    this.#isReading = true
    log.read(this.#lastPlace, window - this.waiting.length, (owed) => {
      this.#isReading = false
      // the session has ended meanwhile
      if (this.#stored === 0) return
      const strays: Outgoing[] = []
      for (const entry of owed) {
        const outgoing = restoredOutgoing(entry)
        const bytes = bytesOf(outgoing)
        this.#lastPlace = entry.place
        this.#unstore(bytes)
        if (this.#isDoubted && isStray(outgoing)) {
          this.discard(outgoing)
          strays.push(outgoing)
        } else this.#push(outgoing, bytes)
      }
      if (this.#stored === 0) this.#isDoubted = false
      if (owed.length > 0) read(strays)
    })
  }

  /** One that was in the store alone is in memory. */
  #unstore(bytes: number): void {
    this.#stored -= 1
    const counted = this.#stored === 0 ? this.#storedBytes : Math.min(bytes, this.#storedBytes)
    this.#storedBytes -= counted
    this.#wait(-1, -counted)
  }

  /**
   * What an earlier process has left. What was under way is to be sent again, or released, in the order of
   * PUBRECs [MQTT-4.6.0-4].
   */
  restore({ owed, owedCount, owedBytes }: Restored): void {
    const sent = owed.filter(({ packetId }) => packetId > 0)
    for (const entry of sent.toSorted((one, other) => one.released - other.released)) {
      this.#fly(entry.packetId, restoredOutgoing(entry))
    }
    const last = sent.at(-1)
    this.#lastPacketId = last?.packetId ?? 0
    this.#lastPlace = last?.place ?? 0
    let inMemory = sent.length
    for (const entry of owed.slice(sent.length)) {
      const outgoing = restoredOutgoing(entry)
      // its bound may have been lowered meanwhile: what has no room stays where it is
      if (!this.#push(outgoing, bytesOf(outgoing))) break
      this.#lastPlace = entry.place
      inMemory += 1
    }
    this.#stored = owedCount - inMemory
    if (this.#stored === 0) return
    this.#storedBytes = owedBytes
    this.#wait(this.#stored, owedBytes)
    // subscriptions may have been taken away while it waited
    this.#isDoubted = true
  }

  /** Takes out of the queue what is not to be sent after all; the rest keeps its order. */
  withdraw(isWithdrawn: (outgoing: Outgoing) => boolean): readonly Outgoing[] {
    const withdrawn: Outgoing[] = []
    for (let left = this.waiting.length; left > 0; left -= 1) {
      const outgoing = this.dequeue()
      if (outgoing === undefined) break
      if (isWithdrawn(outgoing)) {
        this.discard(outgoing)
        withdrawn.push(outgoing)
      } else this.#push(outgoing, outgoing.bytes)
    }
    this.#isDoubted = this.#stored > 0
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
    this.#wait(0, bytes - outgoing.bytes)
    outgoing.bytes = bytes
  }

  dequeue(): Outgoing | undefined {
    const outgoing = this.waiting.shift()
    if (outgoing !== undefined) this.#wait(-1, -outgoing.bytes)
    return outgoing
  }
}

function bytesOf({ message, form, as }: Outgoing): number {
  return sizeOf(message) + (as?.length ?? 0) + (form === null ? 0 : sizeOf(form.message))
}
