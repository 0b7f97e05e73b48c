/**
 * Whether the URL standard takes a domain for an IPv4 address, well-formed or not [3.5, ends in a number].
 */
export function endsInNumber(domain: string): boolean {
  return /(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?$/.test(domain)
}

/**
 * Reads an address in each of its old forms: `127.1`, `0x7f000001`, `0177.0.0.1`.
 *
 * @returns the four numbers with dots, or undefined.
 */
export function parseIpv4(domain: string): string | undefined {
  const parts = (domain.endsWith('.') ? domain.slice(0, -1) : domain).split('.')
  if (parts.length > 4) return undefined
  const numbers = parts.map(ipv4Number)
  const last = numbers.pop() ?? Number.NaN
  if (!numbers.every((number) => number <= 255) || !(last < 256 ** (4 - numbers.length))) return undefined
  const address = numbers.reduce((sum, number, place) => sum + number * 256 ** (3 - place), last)
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

function ipv4Number(part: string): number {
  if (/^0[xX][0-9a-fA-F]*$/.test(part)) return Number.parseInt(`0${part.slice(2)}`, 16)
  if (/^0[0-7]+$/.test(part)) return Number.parseInt(part, 8)
  return /^(?:0|[1-9][0-9]*)$/.test(part) ? Number(part) : Number.NaN
}

const PIECES = 8

/** @returns the address in its one short form, without brackets, or undefined. */
export function parseIpv6(text: string): string | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, place) => piecesOf(half, place === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  if (tail === undefined) return head.length === PIECES ? shortForm(head) : undefined
  const missing = PIECES - head.length - tail.length
  return missing < 1 ? undefined : shortForm([...head, ...new Array<number>(missing).fill(0), ...tail])
}

/** The pieces between colons; the last may be an IPv4 address in its plain form. */
function piecesOf(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return []
  const pieces: number[] = []
  const parts = text.split(':')
  for (const [place, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) pieces.push(Number.parseInt(part, 16))
    else if (mayEndInIpv4 && place === parts.length - 1 && DOTTED.test(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
      pieces.push(a * 256 + b, c * 256 + d)
    } else return undefined
  }
  return pieces.length > PIECES ? undefined : pieces
}

const DOTTED = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** The first of the longest runs of zeros, from two on, becomes `::` [URL standard, 3.7]. */
function shortForm(pieces: readonly number[]): string {
  let start = 0
  let length = 1
  for (let from = 0; from < PIECES; from += 1) {
    let to = from
    while (pieces[to] === 0) to += 1
    if (to - from <= length) continue
    start = from
    length = to - from
  }
  const hex = pieces.map((piece) => piece.toString(16))
  if (length === 1) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}
