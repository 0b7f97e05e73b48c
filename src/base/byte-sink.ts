import { Buffer } from 'node:buffer'

/**
 * Bytes on their way out: what a connection sends in one turn of the event loop is gathered here and leaves
 * in one write. Grows by doubling; its owner bounds it by watching {@link length}.
 */
export class ByteSink {
  bytes: Buffer
  length = 0

  constructor(capacity = 1024) {
    this.bytes = Buffer.allocUnsafeSlow(capacity)
  }

  /** Makes room for `size` more bytes and returns the offset at which the caller is to write them. */
  reserve(size: number): number {
    const offset = this.length
    const needed = offset + size
    if (needed > this.bytes.length) this.#grow(needed)
    this.length = needed
    return offset
  }

  /** Appends `source[start..end)` and returns the offset at which it now begins. */
  append(source: Buffer, start: number, end: number): number {
    const offset = this.reserve(end - start)
    source.copy(this.bytes, offset, start, end)
    return offset
  }

  #grow(needed: number): void {
    let capacity = this.bytes.length * 2
    while (capacity < needed) capacity *= 2
    const bytes = Buffer.allocUnsafeSlow(capacity)
    this.bytes.copy(bytes, 0, 0, this.length)
    this.bytes = bytes
  }
}
