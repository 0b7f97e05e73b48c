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

/** Arguments live on the stack, so a payload must not decide how many there are. */
const CHUNK = 4096

/**
 * An isolate has no TextDecoder, and its interpreter feels every step of a loop: what decodes is the engine,
 * by two old functions. Ill-formed bytes throw: a replaced character could slip past a plugin's check.
 */
function decodeUtf8(bytes: Uint8Array): string {
  let binary = ''
  for (let start = 0; start < bytes.length; start += CHUNK)
    binary += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(start, start + CHUNK)) as string
  try {
    // oxlint-disable-next-line typescript/no-deprecated -- nothing newer makes text of UTF-8
    return decodeURIComponent(escape(binary))
  } catch (cause) {
    throw new Error(`the payload is not UTF-8: byte ${firstIllFormed(bytes)}`, { cause })
  }
}

function firstIllFormed(bytes: Uint8Array): number {
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length === 0 || !isWellFormed(bytes, at, length)) break
    at += length
  }
  return at
}

/** By its first byte; 0: no sequence begins so. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0x80) return 1
  if (lead >= 0xc2 && lead < 0xe0) return 2
  if (lead >= 0xe0 && lead < 0xf0) return 3
  if (lead >= 0xf0 && lead < 0xf5) return 4
  return 0
}

/** The least code point of each length: a longer form than needed is ill-formed [RFC 3629, 3]. */
const LEAST = [0, 0, 0x80, 0x800, 0x10000] as const

function isWellFormed(bytes: Uint8Array, at: number, length: number): boolean {
  if (length === 1) return true
  let codePoint = (bytes[at] ?? 0) & (0x7f >> length)
  for (let next = at + 1; next < at + length; next += 1) {
    const byte = bytes[next] ?? 0
    if ((byte & 0xc0) !== 0x80) return false
    codePoint = (codePoint << 6) | (byte & 0x3f)
  }
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff
  return !surrogate && codePoint <= 0x10ffff && codePoint >= (LEAST[length] ?? 0)
}
