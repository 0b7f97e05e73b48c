import { DataException } from './data-exception.ts'
import { toText } from './to-text.ts'

/** Bytes, one a character, as base64. @throws InvalidCharacterError for a character above U+00FF. */
export function btoa(data: unknown): string {
  const text = toText(data)
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit > 0xff) throw new DataException('btoa() takes characters up to U+00FF', 'InvalidCharacterError')
    bytes[index] = unit
  }
  return bytes.toBase64()
}

/** Base64 as bytes, one a character. @throws InvalidCharacterError for what is no base64. */
export function atob(data: unknown): string {
  const bytes = decode(toText(data))
  let text = ''
  for (let start = 0; start < bytes.length; start += CHUNK)
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK))
  return text
}

/** Arguments live on the stack, so the input must not decide how many there are. */
const CHUNK = 4096

/** The engine's own decoder is as forgiving as `atob` must be [Infra standard, 7]. */
function decode(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text)
  } catch (cause) {
    const refusal = new DataException('the text is not base64', 'InvalidCharacterError')
    refusal.cause = cause
    throw refusal
  }
}
