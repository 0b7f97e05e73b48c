import { assert } from '../base/assert.ts'
import { PENDING_ACKS } from '../base/limits.ts'
import { RingBuffer } from '../base/ring-buffer.ts'
import { writeAck } from '../codec/ack-view.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import type { Ticket } from '../engine/engine.ts'
import type { Acknowledger, AckWaiter, PendingAck } from './ports.ts'

const NOT_KNOWN_YET: Ticket = Number.POSITIVE_INFINITY

/**
 * Acknowledgements that wait for the engine: a PUBACK says that the message is safe, so it leaves when its
 * ticket is settled. On each connection in the order of its messages
 * [MQTT-4.6.0-2][MQTT-4.6.0-3][3.1.1 MQTT-4.6.0-2][3.1.1 MQTT-4.6.0-3]: one that need not wait waits behind
 * those that must. No connection waits for another's.
 */
export class AckGate implements Acknowledger {
  /** For whom something waits. */
  readonly #waiting = new Set<AckWaiter>()
  /** Who is not read, since more waits than should. */
  readonly #held = new Set<AckWaiter>()
  #settled: Ticket = 0

  /** Acknowledges at once where nothing has to be waited for, which is always so with the memory engine. */
  acknowledge(
    waiter: AckWaiter,
    ticket: Ticket,
    type: number,
    packetId: number,
    code: number = ReasonCode.success,
  ): void {
    if (ticket <= 0 && waiter.pendingAcks === null) {
      writeAck(waiter.out, type, packetId, code, waiter.version)
      return
    }
    const { version } = waiter
    this.#wait(waiter, { ticket, write: (out) => writeAck(out, type, packetId, code, version) })
  }

  acknowledgeLater(waiter: AckWaiter, type: number, packetId: number): (ticket: Ticket) => void {
    const { version } = waiter
    const write: PendingAck['write'] = (out) => writeAck(out, type, packetId, ReasonCode.success, version)
    const pending: PendingAck = { ticket: NOT_KNOWN_YET, write }
    this.#wait(waiter, pending)
    return (ticket) => {
      pending.ticket = ticket
      this.#release(waiter)
    }
  }

  behind(waiter: AckWaiter, write: PendingAck['write']): void {
    if (waiter.pendingAcks === null) write(waiter.out)
    else this.#wait(waiter, { ticket: 0, write })
  }

  hold(waiter: AckWaiter): void {
    if (this.#held.has(waiter)) return
    this.#held.add(waiter)
    waiter.connection.hold()
  }

  /** Every ticket up to this one is settled; who was held is read again, and held again if it must be. */
  settled(upTo: Ticket): void {
    this.#settled = upTo
    for (const waiter of this.#waiting) this.#release(waiter)
    // who is read may have to be held at once: that is for the next time
    const held = Array.from(this.#held)
    for (const waiter of held) this.#readAgain(waiter)
  }

  #wait(waiter: AckWaiter, pending: PendingAck): void {
    waiter.pendingAcks ??= new RingBuffer(PENDING_ACKS)
    const taken = waiter.pendingAcks.push(pending)
    assert(taken, 'who has as many acknowledgements waiting as may be is not read')
    this.#waiting.add(waiter)
  }

  /** Lets out what waits for nothing any more. */
  #release(waiter: AckWaiter): void {
    const pending = waiter.pendingAcks
    if (pending === null) return
    for (let head = pending.peek(); head !== undefined; head = pending.peek()) {
      if (head.ticket > this.#settled) break
      pending.shift()
      head.write(waiter.out)
    }
    if (pending.length > 0) return
    waiter.pendingAcks = null
    this.#waiting.delete(waiter)
    if (this.#held.has(waiter)) this.#readAgain(waiter)
  }

  #readAgain(waiter: AckWaiter): void {
    this.#held.delete(waiter)
    waiter.connection.release()
  }
}
