import { binaryBytes, binaryText } from './binary-text.ts'
import { DataException } from './data-exception.ts'
import { toText } from './to-text.ts'

/** Bytes, one a character, as base64. @throws InvalidCharacterError for a character above U+00FF. */
export function btoa(data: unknown): string {
  const text = toText(data)
  if (/[\u0100-\uffff]/.test(text))
    throw new DataException('btoa() takes characters up to U+00FF', 'InvalidCharacterError', btoa)
  return binaryBytes(text).toBase64()
}

/** Base64 as bytes, one a character. @throws InvalidCharacterError for what is no base64. */
export function atob(data: unknown): string {
  return binaryText(decode(toText(data)))
}

/** The engine's own decoder is as forgiving as `atob` must be [Infra standard, 7]. */
function decode(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text)
  } catch (cause) {
    const refusal = new DataException('the text is not base64', 'InvalidCharacterError', atob)
    refusal.cause = cause
    throw refusal
  }
}
