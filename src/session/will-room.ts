import { sizeOf } from '../codec/message.ts'
import type { PendingWill } from './will.ts'

/**
 * What the wills of one tenant take: of connected clients, of clients that are being admitted, and of those
 * that are gone while their will waits. Nobody fills the memory with wills for sessions that never come back.
 */
export class WillRoom {
  /** What is kept may be more, where this was more before. */
  mostBytes: number
  readonly #kept: Set<PendingWill> = new Set()
  #bytes = 0

  constructor(mostBytes: number) {
    this.mostBytes = mostBytes
  }

  /** Of all that are kept. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Keeps a will, if there is room for it.
   *
   * @param inPlaceOf the one that goes as soon as this one's client is admitted.
   */
  admit(will: PendingWill, inPlaceOf: PendingWill | null): boolean {
    const leaving = inPlaceOf !== null && this.#kept.has(inPlaceOf) ? sizeOf(inPlaceOf.message) : 0
    if (this.#bytes - leaving + sizeOf(will.message) > this.mostBytes) return false
    this.keep(will)
    return true
  }

  /** Keeps one that was admitted before. */
  keep(will: PendingWill): void {
    if (this.#kept.has(will)) return
    this.#kept.add(will)
    this.#bytes += sizeOf(will.message)
  }

  /** It goes out, or is forgotten; one that is not kept is none of its business. */
  release(will: PendingWill): void {
    if (this.#kept.delete(will)) this.#bytes -= sizeOf(will.message)
  }
}
