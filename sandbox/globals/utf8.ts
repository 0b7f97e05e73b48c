import { binaryBytes, binaryText } from './binary-text.ts'

/** How far {@link encodeUtf8Into} came. */
export interface EncodedInto {
  /** UTF-16 code units taken. */
  readonly read: number
  /** Bytes written. */
  readonly written: number
}

/** The text in UTF-8; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  // oxlint-disable-next-line typescript/no-deprecated -- nothing newer makes UTF-8
  return binaryBytes(unescape(encodeURIComponent(text.toWellFormed())))
}

/** The text of well-formed bytes, by the engine's own means; undefined of others. */
function decodeWellFormed(bytes: Uint8Array): string | undefined {
  try {
    // oxlint-disable-next-line typescript/no-deprecated -- see encodeUtf8
    return decodeURIComponent(escape(binaryText(bytes)))
  } catch {
    return undefined // it throws at the first sequence that is none
  }
}

/** Writes as many whole code points as there is room for. */
export function encodeUtf8Into(text: string, bytes: Uint8Array): EncodedInto {
  let written = 0
  let read = 0
  while (read < text.length) {
    const codePoint = scalarAt(text, read)
    const length = codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
    if (written + length > bytes.length) break
    if (length === 1) bytes[written] = codePoint
    else {
      const lead = LEADS[length] ?? 0
      bytes[written] = lead | (codePoint >> (6 * (length - 1)))
      for (let tail = 1; tail < length; tail += 1)
        bytes[written + tail] = 0x80 | ((codePoint >> (6 * (length - 1 - tail))) & 0x3f)
    }
    written += length
    read += codePoint > 0xffff ? 2 : 1
  }
  return { read, written }
}

/** The high bits of a first byte, by the length of its sequence. */
const LEADS = [0, 0, 0xc0, 0xe0, 0xf0] as const

function scalarAt(text: string, index: number): number {
  const codePoint = text.codePointAt(index) ?? 0
  return codePoint >= 0xd800 && codePoint <= 0xdfff ? REPLACEMENT : codePoint
}

const REPLACEMENT = 0xfffd

/**
 * Code units given to one `fromCharCode`: arguments live on the stack, so the input must not decide how many.
 */
const CHUNK = 4096

/**
 * The UTF-8 decoder [Encoding standard, 8.1.1], fed in pieces that may end inside a sequence. Each maximal
 * ill-formed part becomes one U+FFFD, or throws if `fatal`.
 */
export class Utf8Decoder {
  readonly #fatal: boolean
  #codePoint = 0
  /** Bytes of the sequence that are still to come. */
  #missing = 0
  /** What the next byte may be: narrower after some first bytes, so that no form is longer than needed. */
  #least = 0x80
  #most = 0xbf

  constructor(fatal: boolean) {
    this.#fatal = fatal
  }

  /** @throws TypeError if `fatal`, for ill-formed input; the decoder is at its start again. */
  decode(bytes: Uint8Array): string {
    const whole = this.#missing === 0 ? decodeWellFormed(bytes) : undefined
    return whole ?? this.#decodeSlowly(bytes)
  }

  /** The input is over: a sequence that it broke off is ill-formed. */
  end(): string {
    return this.#missing === 0 ? '' : String.fromCharCode(this.#illFormed())
  }

  /** Byte by byte, for what is ill-formed, or begins or ends inside a sequence. */
  #decodeSlowly(bytes: Uint8Array): string {
    let decoded = ''
    let units: number[] = []
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0
      if (this.#missing > 0 && (byte < this.#least || byte > this.#most)) {
        units.push(this.#illFormed())
        at -= 1 // it ends one sequence and may begin another
        continue
      }
      const codePoint = this.#take(byte)
      if (codePoint > 0xffff) units.push(0xd7c0 + (codePoint >> 10), 0xdc00 + (codePoint & 0x3ff))
      else if (codePoint >= 0) units.push(codePoint)
      if (units.length < CHUNK) continue
      decoded += String.fromCharCode(...units)
      units = []
    }
    return decoded + String.fromCharCode(...units)
  }

  /** Returns the code point that this byte completes, or -1. */
  #take(byte: number): number {
    if (this.#missing === 0) return this.#begin(byte)
    this.#least = 0x80
    this.#most = 0xbf
    this.#codePoint = (this.#codePoint << 6) | (byte & 0x3f)
    this.#missing -= 1
    return this.#missing === 0 ? this.#codePoint : -1
  }

  #begin(byte: number): number {
    if (byte < 0x80) return byte
    if (byte < 0xc2 || byte > 0xf4) return this.#illFormed()
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    this.#codePoint = byte & (0x3f >> this.#missing)
    if (byte === 0xe0) this.#least = 0xa0
    else if (byte === 0xed) this.#most = 0x9f
    else if (byte === 0xf0) this.#least = 0x90
    else if (byte === 0xf4) this.#most = 0x8f
    return -1
  }

  #illFormed(): number {
    this.#missing = 0
    this.#least = 0x80
    this.#most = 0xbf
    if (this.#fatal) throw new TypeError('the bytes are not well-formed UTF-8')
    return REPLACEMENT
  }
}
