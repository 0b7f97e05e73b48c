import { encodeUtf8, Utf8Decoder } from './utf8.ts'

type EncodeSet = 'control' | 'fragment' | 'query' | 'specialQuery' | 'path' | 'userinfo' | 'form'

/**
 * The percent-encode sets of the URL standard, 1.3: each matches the code points that cannot stand for
 * themselves in that part of a URL.
 */
export const ENCODED: Readonly<Record<EncodeSet, RegExp>> = {
  control: /[^ -~]/gu,
  fragment: /[^!#-;=?-_a-~]/gu,
  query: /[^!$-;=?-~]/gu,
  specialQuery: /[^!$-&(-;=?-~]/gu,
  path: /[^!$-;=@-\]_a-z|~]/gu,
  userinfo: /[^!$-.0-9A-Z_a-z~]/gu,
  /** All but letters, digits and `*-._`, of `application/x-www-form-urlencoded`. */
  form: /[^*\-.0-9A-Z_a-z]/gu,
}

/** @param text well-formed. */
export function percentEncode(text: string, encoded: RegExp): string {
  return text.replace(encoded, encodeOne)
}

function encodeOne(character: string): string {
  const codePoint = character.charCodeAt(0)
  if (codePoint >= 0x80) return encodeURIComponent(character)
  return `%${codePoint < 16 ? '0' : ''}${codePoint.toString(16).toUpperCase()}`
}

/** A `%` that begins no escape stays; ill-formed UTF-8 becomes U+FFFD. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return decodeLoosely(text) // it is not as it should be: byte by byte then
  }
}

function decodeLoosely(text: string): string {
  const bytes = encodeUtf8(text)
  let length = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const value = bytes[at] === PERCENT ? hexByte(bytes[at + 1], bytes[at + 2]) : -1
    bytes[length] = value < 0 ? (bytes[at] ?? 0) : value
    if (value >= 0) at += 2
    length += 1
  }
  const decoder = new Utf8Decoder(false)
  return decoder.decode(bytes.subarray(0, length)) + decoder.end()
}

const PERCENT = 0x25

/** The byte of two hexadecimal digits, or -1. */
function hexByte(high: number | undefined, low: number | undefined): number {
  const [sixteens, ones] = [hexDigit(high), hexDigit(low)]
  return sixteens < 0 || ones < 0 ? -1 : sixteens * 16 + ones
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}
