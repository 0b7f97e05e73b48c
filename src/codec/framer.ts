import { Buffer } from 'node:buffer'
import { FIRST_BYTE_REFUSALS, firstByteRefusals, isServerPacket } from './first-byte.ts'
import { PacketType, type ProtocolVersion } from './packet-type.ts'
import { ReasonCode } from './reason-code.ts'

/** What {@link Framer.next} came to. */
export const FrameStatus = { needMore: 0, frame: 1, refused: 2 } as const

/** A member of {@link FrameStatus}. */
export type FrameStatus = (typeof FrameStatus)[keyof typeof FrameStatus]

const PINGREQ = PacketType.PINGREQ << 4
const PINGRESP = PacketType.PINGRESP << 4
/** The first byte and a remaining length of at most four. */
const FIXED_HEADER_BYTES = 5

const EMPTY = Buffer.alloc(0)

/**
 * Cuts a client's byte stream into frames, and judges each by its fixed header before anything of it is kept.
 *
 * A frame that lies within one chunk is handed out in place. Only a frame that goes on in the next chunk is
 * copied, into memory that grows with the bytes that really came: a header that claims a megabyte costs five
 * bytes. What is handed out is never written to again, so a message may go on viewing it.
 */
export class Framer {
  /** Biggest frame to accept, fixed header and all. May change while the connection lives. */
  maximumPacketSize: number

  /** The frame handed out last is `buffer[start..end)`; its body follows the remaining length at `body`. */
  buffer: Buffer = EMPTY
  firstByte = 0
  start = 0
  body = 0
  end = 0

  /** The reason code, once a frame was refused. A refused stream has no next frame. */
  refusal = 0
  /** Whether it was refused for its length: then there is nothing to answer. */
  isSilent = false

  /** Chunks that came while the current one was still unread. */
  readonly #waiting: Buffer[] = []
  #chunk: Buffer | null = null
  #offset = 0
  #unread = 0

  /** The frame whose rest has not come yet; `#gathered` bytes of it are here. */
  #partial: Buffer | null = null
  #gathered = 0

  /** What the fixed header says of the frame under way; the frame's size is 0 while that is incomplete. */
  #headerSize = 0
  #frameSize = 0
  #connected = false
  #refusals = FIRST_BYTE_REFUSALS

  constructor(maximumPacketSize: number) {
    this.maximumPacketSize = maximumPacketSize
  }

  /** What CONNECT said: which flags the packets behind it may have. */
  set version(version: ProtocolVersion) {
    this.#refusals = firstByteRefusals(version)
  }

  /** Bytes that came and are not handed out yet. */
  get buffered(): number {
    return this.#unread + this.#gathered
  }

  /**
   * Takes a chunk, which from now on nobody may write to. Earlier chunks need not be read yet. What comes
   * after a refusal is dropped.
   */
  push(chunk: Buffer): void {
    if (chunk.length === 0 || this.refusal !== 0) return
    this.#unread += chunk.length
    if (this.#chunk === null) this.#chunk = chunk
    else this.#waiting.push(chunk)
  }

  /** Goes on to the next frame, which the fields describe until the next call. */
  next(): FrameStatus {
    if (this.refusal !== 0) return FrameStatus.refused
    while (this.#chunk !== null) {
      const status =
        this.#partial === null ? this.#inPlace(this.#chunk) : this.#gather(this.#chunk, this.#partial)
      if (status !== FrameStatus.needMore) return status
    }
    return FrameStatus.needMore
  }

  #inPlace(chunk: Buffer): FrameStatus {
    const start = this.#offset
    const available = chunk.length - start
    if (!this.#judge(chunk, start, available)) return FrameStatus.refused
    if (this.#frameSize === 0 || this.#frameSize > available) {
      this.#partial = Buffer.from(chunk.subarray(start))
      this.#gathered = available
      this.#advance(chunk, available)
      return FrameStatus.needMore
    }
    this.#advance(chunk, this.#frameSize)
    return this.#handOut(chunk, start)
  }

  #gather(chunk: Buffer, partial: Buffer): FrameStatus {
    // a header that is still incomplete is read byte by byte, so that nothing of the next frame is taken
    const wanted = this.#frameSize === 0 ? 1 : this.#frameSize - this.#gathered
    const taken = Math.min(wanted, chunk.length - this.#offset)
    const gathered = this.#gathered + taken
    let into = partial
    if (gathered > into.length) {
      const limit = this.#frameSize === 0 ? FIXED_HEADER_BYTES : this.#frameSize
      into = Buffer.allocUnsafe(Math.max(gathered, Math.min(limit, into.length * 2)))
      partial.copy(into, 0, 0, this.#gathered)
      this.#partial = into
    }
    chunk.copy(into, this.#gathered, this.#offset, this.#offset + taken)
    this.#gathered = gathered
    this.#advance(chunk, taken)
    if (this.#frameSize === 0 && !this.#judge(into, 0, gathered)) return FrameStatus.refused
    if (this.#frameSize !== gathered) return FrameStatus.needMore
    this.#partial = null
    this.#gathered = 0
    return this.#handOut(into, 0)
  }

  /** Reads the fixed header as far as it is there. False: refused, and the stream has ended for us. */
  #judge(buffer: Buffer, start: number, available: number): boolean {
    const firstByte = buffer[start] as number
    // [MQTT-3.1.0-1]
    // [3.1.1 MQTT-3.1.0-1]
    if (!this.#connected && firstByte >> 4 !== PacketType.CONNECT) {
      return this.#refuse(ReasonCode.protocolError)
    }
    const refusal = this.#connected ? (this.#refusals[firstByte] as number) : 0
    // a server's packet is answered once it is seen to be one: its length is there
    if (refusal !== 0 && !isServerPacket(firstByte)) return this.#refuse(refusal)
    let remaining = 0
    for (let size = 1; size < FIXED_HEADER_BYTES; size++) {
      if (size >= available) return true
      const byte = buffer[start + size] as number
      remaining |= (byte & 0x7f) << (7 * (size - 1))
      if (byte >= 0x80) continue
      if (byte === 0 && size > 1) return this.#refuse(ReasonCode.malformedPacket) // [MQTT-1.5.5-1]
      if (remaining !== 0 && (firstByte === PINGREQ || firstByte === PINGRESP)) break
      if (refusal !== 0) return this.#refuse(refusal)
      this.#headerSize = size + 1
      this.#frameSize = size + 1 + remaining
      // [MQTT-3.2.2-15][3.1.1 MQTT-4.8.0-2]
      if (this.#frameSize > this.maximumPacketSize) return this.#refuse(ReasonCode.packetTooLarge)
      return true
    }
    this.isSilent = true
    return this.#refuse(ReasonCode.malformedPacket)
  }

  #handOut(buffer: Buffer, start: number): FrameStatus {
    this.buffer = buffer
    this.firstByte = buffer[start] as number
    this.start = start
    this.body = start + this.#headerSize
    this.end = start + this.#frameSize
    this.#frameSize = 0
    this.#connected = true
    return FrameStatus.frame
  }

  #advance(chunk: Buffer, bytes: number): void {
    this.#offset += bytes
    this.#unread -= bytes
    if (this.#offset < chunk.length) return
    this.#chunk = this.#waiting.shift() ?? null
    this.#offset = 0
  }

  #refuse(reasonCode: number): false {
    this.refusal = reasonCode
    this.#chunk = null
    this.#partial = null
    this.#waiting.length = 0
    this.#unread = 0
    this.#gathered = 0
    return false
  }
}
