import { blameCaller } from './blame-caller.ts'
import { toText } from './to-text.ts'
import { Utf8Decoder } from './utf8.ts'

/** All that the Encoding standard calls UTF-8. */
const LABELS = ['utf-8', 'utf8', 'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'x-unicode20utf8']
const BYTE_ORDER_MARK = 0xfeff

/** `TextDecoder` [Encoding standard, 7.2], for UTF-8 alone. */
export class TextDecoder {
  readonly #fatal: boolean
  readonly #ignoreBOM: boolean
  #decoder: Utf8Decoder
  /** Whether the input is at its start, where a byte order mark is left out. */
  #atStart = true

  /** @throws RangeError for any encoding but UTF-8. */
  constructor(label: unknown = 'utf-8', options: { fatal?: unknown; ignoreBOM?: unknown } | null = {}) {
    const name = toText(label)
      .replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, '')
      .toLowerCase()
    if (!LABELS.includes(name))
      throw new RangeError(
        `the encoding ${JSON.stringify(name.slice(0, 40))} is unknown here; utf-8 is known`,
      )
    this.#fatal = Boolean(options?.fatal)
    this.#ignoreBOM = Boolean(options?.ignoreBOM)
    this.#decoder = new Utf8Decoder(this.#fatal)
  }

  get encoding(): 'utf-8' {
    return 'utf-8'
  }

  get fatal(): boolean {
    return this.#fatal
  }

  get ignoreBOM(): boolean {
    return this.#ignoreBOM
  }

  /**
   * @param options stream: more of the same input follows.
   * @throws TypeError for ill-formed input if `fatal`, and for what holds no bytes.
   */
  decode(input?: ArrayBuffer | ArrayBufferView, options: { stream?: unknown } | null = {}): string {
    const bytes = input === undefined ? NO_BYTES : bytesOf(input)
    const stream = Boolean(options?.stream)
    try {
      const text = this.#withoutMark(this.#decoder.decode(bytes))
      return stream ? text : text + this.#withoutMark(this.#end())
    } catch (illFormed) {
      this.#restart()
      throw blameCaller(illFormed, this.decode)
    }
  }

  get [Symbol.toStringTag](): string {
    return 'TextDecoder'
  }

  #end(): string {
    const rest = this.#decoder.end()
    this.#restart()
    return rest
  }

  #restart(): void {
    this.#decoder = new Utf8Decoder(this.#fatal)
    this.#atStart = true
  }

  #withoutMark(text: string): string {
    if (this.#ignoreBOM || !this.#atStart || text === '') return text
    this.#atStart = false
    return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
  }
}

const NO_BYTES = new Uint8Array(0)

function bytesOf(input: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
  if (input instanceof ArrayBuffer) return new Uint8Array(input)
  throw new TypeError('the input must be an ArrayBuffer, a typed array or a DataView')
}
