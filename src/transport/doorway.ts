import type { Socket } from 'node:net'

/** How many connections there may be at a time: of one listener, or of all together. */
export class Places {
  readonly most: number
  #taken = 0

  constructor(most: number) {
    this.most = most
  }

  get isFull(): boolean {
    return this.#taken >= this.most
  }

  /** Until the socket is closed. */
  take(socket: Socket): void {
    this.#taken += 1
    socket.once('close', () => {
      this.#taken -= 1
    })
  }
}

/** What becomes of a newcomer; whose places are all taken is destroyed by then. */
export interface DoorwayEvents {
  letIn(socket: Socket): void
  full(remoteAddress: string, most: number): void
}

/**
 * Where a newcomer takes its places, or finds none. A client that leaves and comes back at once is seen to
 * come before it is seen to be gone: who finds no place may wait here for a moment, as long as few do.
 */
export class Doorway {
  readonly #places: readonly Places[]
  readonly #size: number
  readonly #graceMs: number
  readonly #events: DoorwayEvents
  readonly #waiting = new Map<Socket, NodeJS.Timeout>()

  /** @param size how many may wait at a time, for `graceMs` each. */
  constructor(places: readonly Places[], size: number, graceMs: number, events: DoorwayEvents) {
    this.#places = places
    this.#size = size
    this.#graceMs = graceMs
    this.#events = events
  }

  admit(socket: Socket): void {
    const full = this.#full
    if (full === null) return this.#letIn(socket)
    if (this.#waiting.size >= this.#size) return this.#turnAway(socket, full)
    // until it is let in, nobody else would hear that its connection is reset
    socket.on('error', () => undefined)
    this.#waiting.set(
      socket,
      setTimeout(() => this.#lookAgain(socket), this.#graceMs),
    )
  }

  /** Nobody who waits here is let in any more. */
  close(): void {
    for (const [socket, timer] of this.#waiting) {
      clearTimeout(timer)
      socket.destroy()
    }
    this.#waiting.clear()
  }

  get #full(): Places | null {
    return this.#places.find(({ isFull }) => isFull) ?? null
  }

  #lookAgain(socket: Socket): void {
    this.#waiting.delete(socket)
    if (socket.destroyed) return
    const full = this.#full
    if (full === null) this.#letIn(socket)
    else this.#turnAway(socket, full)
  }

  #letIn(socket: Socket): void {
    for (const places of this.#places) places.take(socket)
    this.#events.letIn(socket)
  }

  #turnAway(socket: Socket, { most }: Places): void {
    const { remoteAddress = '' } = socket
    socket.destroy()
    this.#events.full(remoteAddress, most)
  }
}
