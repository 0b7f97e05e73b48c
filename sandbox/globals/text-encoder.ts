import { toText } from './to-text.ts'
import { type EncodedInto, encodeUtf8, encodeUtf8Into } from './utf8.ts'

/** `TextEncoder` [Encoding standard, 7.4]. */
export class TextEncoder {
  get encoding(): 'utf-8' {
    return 'utf-8'
  }

  encode(input: unknown = ''): Uint8Array<ArrayBuffer> {
    return encodeUtf8(toText(input))
  }

  /** @throws TypeError when `destination` is no Uint8Array. */
  encodeInto(source: unknown, destination: Uint8Array): EncodedInto {
    if (!(destination instanceof Uint8Array)) throw new TypeError('the destination must be a Uint8Array')
    return encodeUtf8Into(toText(source), destination)
  }

  get [Symbol.toStringTag](): string {
    return 'TextEncoder'
  }
}
