// Punycode [RFC 3492]: code points beyond ASCII as letters and digits. The names are those of the RFC.

const BASE = 36
const T_MIN = 1
const T_MAX = 26
const SKEW = 38
const DAMP = 700
const INITIAL_BIAS = 72
const INITIAL_N = 0x80
const DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789'
/** A label has at most 63 octets; what is much longer is not worth the quadratic time. */
const MOST_CHARACTERS = 256

/** @returns the label without `xn--`, or undefined when it is too long. */
export function encodePunycode(label: string): string | undefined {
  const codePoints = Array.from(label, (character) => character.codePointAt(0) ?? 0)
  if (codePoints.length > MOST_CHARACTERS) return undefined
  const basic = codePoints.filter((codePoint) => codePoint < INITIAL_N)
  let output = String.fromCharCode(...basic) + (basic.length > 0 ? '-' : '')
  let handled = basic.length
  let n = INITIAL_N
  let delta = 0
  let bias = INITIAL_BIAS
  while (handled < codePoints.length) {
    const floor = n
    const next = Math.min(...codePoints.filter((codePoint) => codePoint >= floor))
    delta += (next - n) * (handled + 1)
    n = next
    for (const codePoint of codePoints) {
      if (codePoint < n) delta += 1
      if (codePoint !== n) continue
      output += encodeDelta(delta, bias)
      bias = adapt(delta, handled + 1, handled === basic.length)
      delta = 0
      handled += 1
    }
    delta += 1
    n += 1
  }
  return output
}

/** @returns undefined for what is no Punycode. */
export function decodePunycode(input: string): string | undefined {
  if (input.length > MOST_CHARACTERS) return undefined
  const end = input.lastIndexOf('-')
  const codePoints = Array.from(input.slice(0, Math.max(end, 0)), (character) => character.charCodeAt(0))
  let n = INITIAL_N
  let position = 0
  let bias = INITIAL_BIAS
  for (let at = end + 1; at < input.length; ) {
    const decoded = decodeDelta(input, at, bias)
    if (decoded === undefined) return undefined
    const length = codePoints.length + 1
    bias = adapt(decoded.delta, length, at === end + 1)
    at = decoded.end
    position += decoded.delta
    n += Math.floor(position / length)
    position %= length
    if (n > 0x10ffff) return undefined
    codePoints.splice(position, 0, n)
    position += 1
  }
  return codePoints.map((codePoint) => String.fromCodePoint(codePoint)).join('')
}

function encodeDelta(delta: number, bias: number): string {
  let text = ''
  let rest = delta
  for (let k = BASE; ; k += BASE) {
    const t = threshold(k, bias)
    if (rest < t) return text + DIGITS.charAt(rest)
    text += DIGITS.charAt(t + ((rest - t) % (BASE - t)))
    rest = Math.floor((rest - t) / (BASE - t))
  }
}

function decodeDelta(
  input: string,
  start: number,
  bias: number,
): { readonly delta: number; readonly end: number } | undefined {
  let delta = 0
  let weight = 1
  let at = start
  for (let k = BASE; at < input.length; k += BASE) {
    const digit = DIGITS.indexOf(input.charAt(at))
    at += 1
    if (digit < 0) return undefined
    delta += digit * weight
    if (delta > 0x7fffffff) return undefined
    const t = threshold(k, bias)
    if (digit < t) return { delta, end: at }
    weight *= BASE - t
  }
  return undefined
}

function threshold(k: number, bias: number): number {
  return Math.min(Math.max(k - bias, T_MIN), T_MAX)
}

function adapt(delta: number, points: number, first: boolean): number {
  let rest = Math.floor(delta / (first ? DAMP : 2))
  rest += Math.floor(rest / points)
  let k = 0
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN))
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW))
}
