/** Anything with a payload: a publish event or a message. */
export interface WithPayload {
  readonly payload?: Uint8Array
}

/**
 * The payload as text. Needs the `payload` capability.
 *
 * @throws Error when there is no payload, or it is not well-formed UTF-8.
 */
export function text(event: WithPayload): string {
  if (event.payload === undefined)
    throw new Error('no payload: ask for it with capabilities: { payload: true }')
  return decodeUtf8(event.payload)
}

/**
 * The payload as JSON. Needs the `payload` capability.
 *
 * @throws Error when there is no payload, or it is not JSON in UTF-8.
 */
export function json(event: WithPayload): unknown {
  return JSON.parse(text(event))
}

/**
 * Code units given to one `fromCharCode`: arguments live on the stack, so a payload must not decide how many.
 */
const CHUNK = 4096

/**
 * An isolate has no TextDecoder. Ill-formed bytes throw: a replaced character could slip past a plugin's
 * check.
 */
function decodeUtf8(bytes: Uint8Array): string {
  let decoded = ''
  let units: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    const codePoint = codePointAt(bytes, at, length)
    if (codePoint > 0xffff) {
      units.push(0xd7c0 + (codePoint >> 10), 0xdc00 + (codePoint & 0x3ff))
    } else {
      units.push(codePoint)
    }
    at += length
    if (units.length < CHUNK) continue
    decoded += String.fromCharCode(...units)
    units = []
  }
  return decoded + String.fromCharCode(...units)
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return 1
  if (lead >= 0xc2 && lead < 0xe0) return 2
  if (lead >= 0xe0 && lead < 0xf0) return 3
  if (lead >= 0xf0 && lead < 0xf5) return 4
  throw illFormed(at)
}

/** The least code point of each length: a longer form than needed is ill-formed [RFC 3629, 3]. */
const LEAST = [0, 0, 0x80, 0x800, 0x10000] as const

function codePointAt(bytes: Uint8Array, at: number, length: number): number {
  const lead = bytes[at] ?? 0
  if (length === 1) return lead
  let codePoint = lead & (0x7f >> length)
  for (let next = at + 1; next < at + length; next += 1) {
    const byte = bytes[next] ?? 0
    if ((byte & 0xc0) !== 0x80) throw illFormed(at)
    codePoint = (codePoint << 6) | (byte & 0x3f)
  }
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff
  if (surrogate || codePoint > 0x10ffff || codePoint < (LEAST[length] ?? 0)) throw illFormed(at)
  return codePoint
}

function illFormed(at: number): Error {
  return new Error(`the payload is not UTF-8: byte ${at}`)
}
