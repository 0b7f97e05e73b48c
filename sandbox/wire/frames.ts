/**
 * The one frame format between host and cell: a fixed header in little endian, then a body of UTF-8 text.
 * The cell's side of it is hostile input to the host, so a reader never buffers past its bound and says
 * `malformed` instead of guessing.
 */
export const HEADER_BYTES = 24

/** A frame's header. Readers and writers reuse one object: copy what must outlive the next frame. */
export interface FrameHeader {
  bodyBytes: number
  /** One of messages.ts' FRAME. */
  type: number
  /** One of messages.ts' FRAME_OUTCOMES by index, for what a cell answers; 0 otherwise. */
  outcome: number
  /** How many questions, or answers, the body has. */
  count: number
  /** Which process of the tenant this is: it makes a late frame of a killed cell recognisable. */
  epoch: number
  /** The plugin's number in its cell. */
  instance: number
  /** Which isolate of that plugin. */
  generation: number
  /** Counts up in each direction's questions; an answer repeats the number of what it answers. */
  id: number
}

export function emptyHeader(): FrameHeader {
  return { bodyBytes: 0, type: 0, outcome: 0, count: 0, epoch: 0, instance: 0, generation: 0, id: 0 }
}

/** Writes the header at `offset`; `view` must have {@link HEADER_BYTES} there. */
export function writeHeader(view: DataView, offset: number, header: Readonly<FrameHeader>): void {
  view.setUint32(offset, header.bodyBytes, true)
  view.setUint8(offset + 4, header.type)
  view.setUint8(offset + 5, header.outcome)
  view.setUint16(offset + 6, header.count, true)
  view.setUint32(offset + 8, header.epoch, true)
  view.setUint32(offset + 12, header.instance, true)
  view.setUint32(offset + 16, header.generation, true)
  view.setUint32(offset + 20, header.id, true)
}

function readHeader(view: DataView, offset: number, header: FrameHeader): void {
  header.bodyBytes = view.getUint32(offset, true)
  header.type = view.getUint8(offset + 4)
  header.outcome = view.getUint8(offset + 5)
  header.count = view.getUint16(offset + 6, true)
  header.epoch = view.getUint32(offset + 8, true)
  header.instance = view.getUint32(offset + 12, true)
  header.generation = view.getUint32(offset + 16, true)
  header.id = view.getUint32(offset + 20, true)
}

/** What {@link FrameReader.next} found. `malformed` is final: the peer cannot be trusted any further. */
export type ReadResult = 'frame' | 'more' | 'malformed'

/** Cuts a byte stream into frames, wherever the reads happened to split it. */
export class FrameReader {
  /** The header of the frame that `next` found. */
  readonly header: FrameHeader = emptyHeader()
  /** Its body: a view that is valid until the next `push`. */
  body: Uint8Array = EMPTY

  readonly #maxBodyBytes: number
  /** Unread bytes are `#bytes[#start..#end)`; the array is the peer's chunk, or ours if `#owned`. */
  #bytes: Uint8Array = EMPTY
  #view: DataView = new DataView(EMPTY.buffer)
  #start = 0
  #end = 0
  #owned = false

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes
  }

  /** Takes a chunk. It is not copied while it holds whole frames; call {@link next} until it says `more`. */
  push(chunk: Uint8Array): void {
    if (this.#start === this.#end) return this.#adopt(chunk, 0, chunk.length, false)
    const unread = this.#end - this.#start
    const needed = unread + chunk.length
    if (!this.#owned || needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#owned ? this.#bytes.length * 2 : needed))
      grown.set(this.#bytes.subarray(this.#start, this.#end))
      this.#adopt(grown, 0, unread, true)
    } else if (this.#end + chunk.length > this.#bytes.length) {
      this.#bytes.copyWithin(0, this.#start, this.#end)
      this.#start = 0
      this.#end = unread
    }
    this.#bytes.set(chunk, this.#end)
    this.#end += chunk.length
  }

  next(): ReadResult {
    const available = this.#end - this.#start
    if (available < HEADER_BYTES) return this.#keep()
    readHeader(this.#view, this.#start, this.header)
    const bodyBytes = this.header.bodyBytes
    if (bodyBytes > this.#maxBodyBytes) return 'malformed'
    if (available < HEADER_BYTES + bodyBytes) return this.#keep()
    const bodyStart = this.#start + HEADER_BYTES
    this.#start = bodyStart + bodyBytes
    this.body = this.#bytes.subarray(bodyStart, this.#start)
    return 'frame'
  }

  /** Whoever pushed the chunk may reuse its memory, so an unfinished frame moves into ours. */
  #keep(): 'more' {
    if (this.#start === this.#end) this.#adopt(EMPTY, 0, 0, false)
    else if (!this.#owned) {
      const unread = this.#bytes.slice(this.#start, this.#end)
      this.#adopt(new Uint8Array(unread), 0, unread.length, true)
    }
    return 'more'
  }

  #adopt(bytes: Uint8Array, start: number, end: number, owned: boolean): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#start = start
    this.#end = end
    this.#owned = owned
  }
}

const EMPTY = new Uint8Array(0)
