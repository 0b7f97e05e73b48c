/** What an answer is measured by while it comes in: nobody holds one that is too large. */
export class AnswerSize {
  readonly #mostItems: number
  readonly #mostBytes: number
  #items = 0
  /** The brackets of a list. */
  #bytes = 2

  constructor(mostItems: number, mostBytes: number) {
    this.#mostItems = mostItems
    this.#mostBytes = mostBytes
  }

  /** @param item a row, or an entry. @returns false: it does not fit any more. */
  add(item: object): boolean {
    this.#items += 1
    if (this.#items > this.#mostItems) return false
    this.#bytes += 1 + sizeOf(item)
    return this.#bytes <= this.#mostBytes
  }
}

/** The length of its JSON, in which bytes are base64; near enough for what is no plain data. */
function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return (value.length * 4) / 3 + BYTES_AROUND
  if (typeof value === 'string') return Buffer.byteLength(value) + 2
  if (typeof value !== 'object' || value === null) return String(value).length
  return Object.entries(value).reduce((sum, [key, each]) => sum + key.length + 4 + sizeOf(each), 2)
}

const BYTES_AROUND = 16
