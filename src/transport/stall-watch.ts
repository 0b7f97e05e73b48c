import type { Socket } from 'node:net'
import { STALLED_MS } from '../base/limits.ts'

/**
 * Ends the connection of a client that takes nothing of what waits for it, though it may stay for ever by its
 * keep alive, or has said that it sends no more: what waits is memory.
 */
export class StallWatch {
  readonly #socket: Socket
  readonly #stalledMs: number

  constructor(socket: Socket, stalledMs: number = STALLED_MS) {
    this.#socket = socket
    this.#stalledMs = stalledMs
    socket.on('timeout', () => {
      if (socket.writableLength === 0) socket.setTimeout(0)
      else socket.destroy(new Error(`took nothing of what waited for it in ${stalledMs} ms`))
    })
  }

  /** The kernel has not taken all that was written. Node takes the time from the last byte that it took. */
  begin(): void {
    if (this.#socket.timeout !== this.#stalledMs) this.#socket.setTimeout(this.#stalledMs)
  }
}
