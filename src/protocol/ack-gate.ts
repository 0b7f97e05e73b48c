import { RingBuffer } from '../base/ring-buffer.ts'
import { PENDING_ACKS } from '../base/limits.ts'
import type { Ticket } from '../engine/engine.ts'
import type { Peer } from './peer.ts'
import { writeAck } from '../codec/ack-view.ts'

interface PendingAck {
  readonly peer: Peer
  readonly ticket: Ticket
  readonly type: number
  readonly packetId: number
}

/**
 * Acknowledgements that wait for the engine: a PUBACK says that the message is safe, so it leaves when its ticket is
 * settled. In the order of the messages [MQTT-4.6.0-2]: one that need not wait waits behind those that must.
 */
export class AckGate {
  readonly #pending = new RingBuffer<PendingAck>(PENDING_ACKS)

  /** Acknowledges at once where nothing has to be waited for, which is always so with the memory engine. */
  acknowledge(peer: Peer, ticket: Ticket, type: number, packetId: number): void {
    if (ticket === 0 && peer.pendingAcks === 0) {
      writeAck(peer.out, type, packetId, 0, peer.version)
      return
    }
    peer.pendingAcks += 1
    this.#pending.push({ peer, ticket, type, packetId })
  }

  /** True when so many wait that publishers of QoS 1 and 2 are not to be read. */
  get full(): boolean {
    return this.#pending.length >= PENDING_ACKS / 2
  }

  settled(upTo: Ticket): void {
    for (let head = this.#pending.peek(); head !== undefined && head.ticket <= upTo; head = this.#pending.peek()) {
      this.#pending.shift()
      head.peer.pendingAcks -= 1
      writeAck(head.peer.out, head.type, head.packetId, 0, head.peer.version)
    }
  }
}
