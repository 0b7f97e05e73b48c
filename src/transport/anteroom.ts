import type { Socket } from 'node:net'

/** How a wait came to its end without the socket's being let in. */
export type LostHow = 'late' | 'gone'

/**
 * Where newcomers wait who have something to show before they are let in: a PROXY header, a TLS handshake, an
 * upgrade request. So many at once, each for so long: whoever shows nothing costs a socket, for a while.
 */
export class Anteroom {
  readonly #size: number
  readonly #timeoutMs: number
  readonly #waiting = new Map<Socket, NodeJS.Timeout>()

  constructor(size: number, timeoutMs: number) {
    this.#size = size
    this.#timeoutMs = timeoutMs
  }

  /**
   * @param lost is told, once, if the socket does not {@link leave}: it is destroyed by then.
   * @returns false: there is no room, and the socket is the caller's to destroy.
   */
  enter(socket: Socket, lost: (how: LostHow) => void): boolean {
    if (this.#waiting.size >= this.#size) return false
    const end = (how: LostHow): void => {
      if (!this.leave(socket)) return
      socket.destroy()
      lost(how)
    }
    const timer = setTimeout(end, this.#timeoutMs, 'late' satisfies LostHow).unref()
    this.#waiting.set(socket, timer)
    socket.once('close', () => end('gone'))
    return true
  }

  /** @returns whether it was still here: whoever was lost is not let in any more. */
  leave(socket: Socket): boolean {
    clearTimeout(this.#waiting.get(socket))
    return this.#waiting.delete(socket)
  }

  /** Nobody who waits here is let in any more. */
  close(): void {
    for (const socket of this.#waiting.keys()) socket.destroy()
  }
}
