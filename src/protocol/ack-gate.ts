import { assert } from '../base/assert.ts'
import { PENDING_ACKS } from '../base/limits.ts'
import { RingBuffer } from '../base/ring-buffer.ts'
import { writeAck } from '../codec/ack-view.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import type { Ticket, Unheard } from '../engine/engine.ts'
import type { Acknowledger, AckWaiter } from './ports.ts'

/** As engines say it of a message that nobody has subscribed to. */
export const UNHEARD: Unheard = -1

interface PendingAck {
  readonly waiter: AckWaiter
  readonly ticket: Ticket
  readonly type: number
  readonly packetId: number
}

/**
 * Acknowledgements that wait for the engine: a PUBACK says that the message is safe, so it leaves when its
 * ticket is settled. In the order of the messages [MQTT-4.6.0-2][3.1.1 MQTT-4.6.0-2][3.1.1 MQTT-4.6.0-3]: one
 * that need not wait waits behind those that must.
 */
export class AckGate implements Acknowledger {
  readonly #pending = new RingBuffer<PendingAck>(PENDING_ACKS) // [MQTT-4.6.0-3]

  /** Acknowledges at once where nothing has to be waited for, which is always so with the memory engine. */
  acknowledge(waiter: AckWaiter, ticket: Ticket, type: number, packetId: number): void {
    if (ticket <= 0 && waiter.pendingAcks === 0) {
      writeAck(waiter.out, type, packetId, codeOf(ticket), waiter.version)
      return
    }
    waiter.pendingAcks += 1
    const taken = this.#pending.push({ waiter, ticket, type, packetId })
    assert(taken, 'publishers are held long before the acknowledgements that wait are at their bound')
  }

  /** True when so many wait that publishers of QoS 1 and 2 are not to be read. */
  get full(): boolean {
    return this.#pending.length >= PENDING_ACKS / 2
  }

  settled(upTo: Ticket): void {
    for (
      let head = this.#pending.peek();
      head !== undefined && head.ticket <= upTo;
      head = this.#pending.peek()
    ) {
      this.#pending.shift()
      head.waiter.pendingAcks -= 1
      writeAck(head.waiter.out, head.type, head.packetId, codeOf(head.ticket), head.waiter.version)
    }
  }
}

/** What the publisher is told of a message that the engine holds [MQTT 5.0, 3.4.2.1]. */
function codeOf(ticket: Ticket): number {
  return ticket === UNHEARD ? ReasonCode.noMatchingSubscribers : ReasonCode.success
}
