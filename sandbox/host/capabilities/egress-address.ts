import { isIPv4, isIPv6 } from 'node:net'

/** An address block: the first bits that all of its addresses share, and how many they are. */
interface Block {
  readonly bytes: Uint8Array
  readonly bits: number
}

/**
 * What of IPv4 is not plain unicast of the public internet [RFC 6890 and IANA's special-purpose registry],
 * and 168.63.129.16, which looks public but is a cloud's own control service.
 */
const SPECIAL_V4: readonly Block[] = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12',
  '192.0.0.0/24', '192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16',
  '192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
  '168.63.129.16/32',
].map(block) // biome-ignore format: a table

/**
 * Networks of an operator's own, and this machine. Not link-local: that is where clouds hand out credentials.
 */
const INSIDE: readonly Block[] = [
  '10.0.0.0/8', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7',
].map(block) // biome-ignore format: a table

/** The one that lies in there all the same: a cloud's metadata service. */
const NOT_INSIDE: readonly Block[] = [block('fd00:ec2::254/128')]

/** IPv4 in disguise: what is inside is judged. */
const MAPPED_V4: Block = block('::ffff:0:0/96')

/** All of IPv6 that was given out for unicast … */
const UNICAST_V6: Block = block('2000::/3')

/** … but for these: protocols, Teredo, ORCHID, documentation, 6to4, AS112, segment routing. */
const SPECIAL_V6: readonly Block[] = [
  '2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20',
].map(block) // biome-ignore format: a table

/**
 * Whether an address is plain unicast of the public internet. What is not known to be is not: text that is no
 * address, addresses with a zone, every range that a registry sets apart.
 */
export function isPublicAddress(address: string): boolean {
  const bytes = addressBytes(address)
  if (bytes === undefined) return false
  if (bytes.length === 4) return !isIn(bytes, SPECIAL_V4)
  if (isIn(bytes, [MAPPED_V4])) return !isIn(bytes.subarray(12), SPECIAL_V4)
  return isIn(bytes, [UNICAST_V6]) && !isIn(bytes, SPECIAL_V6)
}

/** Whether an address is one that an operator may have meant with a name of its own network. */
export function isInsideAddress(address: string): boolean {
  const bytes = addressBytes(address)
  if (bytes === undefined) return false
  const plain = bytes.length === 16 && isIn(bytes, [MAPPED_V4]) ? bytes.subarray(12) : bytes
  return isIn(plain, INSIDE) && !isIn(plain, NOT_INSIDE)
}

/** The 4 or 16 bytes of an address, so that one address has one spelling; undefined: it is none. */
export function addressBytes(address: string): Uint8Array | undefined {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number)
  if (!isIPv6(address) || address.includes('%')) return undefined
  const [before = '', after] = address.split('::')
  const [head, tail] = [groups(before), groups(after ?? '')]
  const gap = new Array<number>(8 - head.length - tail.length).fill(0)
  return Uint8Array.from([...head, ...gap, ...tail].flatMap((group) => [group >> 8, group & 0xff]))
}

/** The 16-bit groups of a part of an IPv6 address; an IPv4 address at its end is two of them. */
function groups(part: string): number[] {
  if (part === '') return []
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}

function block(text: string): Block {
  const [address = '', bits] = text.split('/')
  return { bytes: addressBytes(address) ?? new Uint8Array(), bits: Number(bits) }
}

function isIn(address: Uint8Array, blocks: readonly Block[]): boolean {
  return blocks.some(({ bytes, bits }) => {
    if (bytes.length !== address.length) return false
    const whole = bits >> 3
    for (let index = 0; index < whole; index += 1) if (bytes[index] !== address[index]) return false
    const rest = bits & 7
    return rest === 0 || ((bytes[whole] ?? 0) ^ (address[whole] ?? 0)) >> (8 - rest) === 0
  })
}
