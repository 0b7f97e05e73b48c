import { Buffer } from 'node:buffer'
import { emptyHeader, type FrameHeader, HEADER_BYTES, writeHeader } from '../../wire/frames.ts'

/** Gathers frames to one cell in one piece of memory, for one write a flush. */
export class FrameEncoder {
  /** The next frame's header; `bodyBytes` is filled in by {@link add}. */
  readonly header: FrameHeader = emptyHeader()
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #view = viewOf(this.#bytes)
  #length = 0

  get isEmpty(): boolean {
    return this.#length === 0
  }

  /** Appends a frame with the present header. */
  add(body: string): void {
    const start = this.#length
    this.#reserve(HEADER_BYTES + bytesFor(body))
    const bodyBytes = this.#bytes.write(body, start + HEADER_BYTES)
    this.header.bodyBytes = bodyBytes
    writeHeader(this.#view, start, this.header)
    this.#length = start + HEADER_BYTES + bodyBytes
  }

  /** All frames so far; the memory is still this encoder's. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#length = 0
    return taken
  }

  /** Leaves the memory to whoever still reads it, and goes on with fresh one. */
  abandonMemory(): void {
    this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
    this.#view = viewOf(this.#bytes)
    this.#length = 0
  }

  #reserve(size: number): void {
    const needed = this.#length + size
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
    this.#view = viewOf(grown)
  }
}

const FIRST_BYTES = 65_536

/** UTF-8 needs three bytes at most for a UTF-16 unit; where that would be much, it is worth counting. */
function bytesFor(body: string): number {
  return body.length * 3 <= FIRST_BYTES ? body.length * 3 : Buffer.byteLength(body)
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
