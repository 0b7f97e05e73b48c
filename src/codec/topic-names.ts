import { Buffer } from 'node:buffer'
import { INTERNED_TOPIC_BYTES } from '../base/limits.ts'

/** Names whose hashes agree in the low bits share this many places; the oldest of them gives way. */
const WAYS = 4
const FNV_PRIME = 0x0100_0193

/**
 * Turns the bytes of topic names into strings, and those it has met lately into the very same string: no
 * decoding, no allocation, and a string whose hash is known to every map already. Names are told apart by
 * their bytes, and never normalised [3.1.1 MQTT-4.7.3-4].
 *
 * It is a set-associative cache, as in a processor: bounded by its shape, with a worst case of {@link WAYS}
 * comparisons. The hash starts from a random number, so that nobody can choose topics that collide.
 */
export class TopicNames {
  readonly #setMask: number
  readonly #seed: number
  readonly #hashes: Int32Array
  readonly #bytes: Buffer[]
  readonly #names: string[]

  /** @param capacity how many names are kept at most; rounded up to a power of two. */
  constructor(capacity: number) {
    let sets = 1
    while (sets * WAYS < capacity) sets *= 2
    this.#setMask = sets - 1
    this.#seed = (Math.random() * 2 ** 32) | 0
    this.#hashes = new Int32Array(sets * WAYS)
    this.#bytes = new Array<Buffer>(sets * WAYS).fill(Buffer.alloc(0))
    this.#names = new Array<string>(sets * WAYS).fill('')
  }

  /** The name that lies in `buffer[start..end)`, which is well-formed UTF-8: as it is [MQTT-4.7.3-4]. */
  get(buffer: Buffer, start: number, end: number): string {
    if (end - start > INTERNED_TOPIC_BYTES) return buffer.toString('utf8', start, end)
    let hash = this.#seed
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (buffer[i] as number), FNV_PRIME)
    // the low bits of a product hold nothing of the high ones
    hash ^= hash >>> 15
    const first = (hash & this.#setMask) * WAYS
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#hashes[slot] === hash && sameBytes(this.#bytes[slot] as Buffer, buffer, start, end)) {
        return this.#names[slot] as string
      }
    }
    return this.#remember(first, hash, buffer, start, end)
  }

  #remember(first: number, hash: number, buffer: Buffer, start: number, end: number): string {
    const last = first + WAYS - 1
    this.#hashes.copyWithin(first + 1, first, last)
    this.#bytes.copyWithin(first + 1, first, last)
    this.#names.copyWithin(first + 1, first, last)
    const name = buffer.toString('utf8', start, end)
    this.#hashes[first] = hash
    this.#bytes[first] = Buffer.from(buffer.subarray(start, end))
    this.#names[first] = name
    return name
  }
}

function sameBytes(known: Buffer, buffer: Buffer, start: number, end: number): boolean {
  if (known.length !== end - start) return false
  for (let i = 0; i < known.length; i++) {
    if (known[i] !== buffer[start + i]) return false
  }
  return true
}
