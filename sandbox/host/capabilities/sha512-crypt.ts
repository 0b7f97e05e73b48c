import { hash } from 'node:crypto'

/** crypt's own base64: six bits a character, the lowest first. */
const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * The `$6$` of crypt(3), as text without its salt: what older password files have. It hashes on the calling
 * thread for as long as `rounds` says: about a second for a million.
 *
 * @see https://www.akkadia.org/drepper/SHA-crypt.txt, whose steps the names follow
 */
export function sha512Crypt(password: Uint8Array, salt: Uint8Array, rounds: number): string {
  const both = digest(password, salt, password)
  const bits = lengthBits(password.length).map((bit) => (bit ? both : password))
  let last = digest(password, salt, stretched(both, password.length), ...bits)
  const p = stretched(digest(...repeated(password, password.length)), password.length)
  const s = stretched(digest(...repeated(salt, 16 + (last[0] ?? 0))), salt.length)
  for (let round = 0; round < rounds; round += 1) {
    const isOdd = round % 2 === 1
    const parts = [isOdd ? p : last]
    if (round % 3 !== 0) parts.push(s)
    if (round % 7 !== 0) parts.push(p)
    parts.push(isOdd ? last : p)
    last = digest(...parts)
  }
  return encoded(last)
}

function digest(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha512', Buffer.concat(parts), 'buffer')
}

function repeated(bytes: Uint8Array, times: number): Uint8Array[] {
  return Array.from({ length: times }, () => bytes)
}

/** As many bytes as asked for, begun anew where there are no more. */
function stretched(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => bytes[index % bytes.length] ?? 0)
}

/** From the lowest bit to the highest that is set. */
function lengthBits(length: number): boolean[] {
  const bits: boolean[] = []
  for (let rest = length; rest > 0; rest >>>= 1) bits.push((rest & 1) === 1)
  return bits
}

/** Three bytes from three thirds are four characters; which third is first goes round. */
function encoded(bytes: Buffer): string {
  let text = ''
  let [high, middle, low] = [0, 21, 42]
  for (let group = 0; group < 21; group += 1) {
    text += characters((byteAt(high) << 16) | (byteAt(middle) << 8) | byteAt(low), 4)
    ;[high, middle, low] = [middle + 1, low + 1, high + 1]
  }
  return text + characters(byteAt(63), 2)

  function byteAt(index: number): number {
    return bytes[index] ?? 0
  }
}

function characters(value: number, count: number): string {
  return Array.from({ length: count }, (_, place) => DIGITS[(value >>> (6 * place)) & 63]).join('')
}
