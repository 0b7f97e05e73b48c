import { isIPv4, isIPv6 } from 'node:net'
import { PROXY_HEADER_BYTES } from '../base/limits.ts'
import { readProxyTls } from './proxy-tls.ts'
import type { TlsFacts } from './wire.ts'

/** Who has come, by a proxy's word. */
export interface ProxyHeader {
  /** Bytes of the header; what is behind them is the client's. */
  readonly length: number
  /** Undefined: the proxy speaks for itself, or for somebody whose address it does not tell. */
  readonly remoteAddress: string | undefined
  /** What the proxy, where it ended TLS, says of it; null: nothing. */
  readonly tls: TlsFacts | null
  /** The client has shown the proxy a certificate, and that has been verified. */
  readonly isCertified: boolean
}

/** `more`: the header is not whole yet; `malformed`: it never will be. */
export type ReadProxyHeader = ProxyHeader | 'more' | 'malformed'

/**
 * Reads the header that a proxy sends before its client's first byte: version 1, a line of text, or version
 * 2, which is binary [HAProxy's "The PROXY protocol", 2.1 and 2.2].
 */
export function readProxyHeader(bytes: Buffer): ReadProxyHeader {
  if (startsLike(bytes, SIGNATURE)) return bytes.length < FIXED_BYTES ? 'more' : readBinary(bytes)
  return startsLike(bytes, PREFIX) ? readText(bytes) : 'malformed'
}

const PREFIX = Buffer.from('PROXY ', 'latin1')
/** The longest header of version 1, with its line break. */
const TEXT_BYTES = 107
/** Of a socket that is connected: no such one has port 0. */
const PORT = /^[1-9][0-9]{0,4}$/

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const FIXED_BYTES = 16
/** Version and command in one byte. */
const LOCAL = 0x20
const PROXY = 0x21
const UNIX = 3
const UNIX_BYTES = 216
/** By family: IPv4, IPv6, Unix. Who forwards a client of none of them is free to be refused [2.2]. */
const ADDRESS_BYTES = [undefined, 12, 36, UNIX_BYTES] as const

/** As far as both go. */
function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length)
  return bytes.subarray(0, length).equals(start.subarray(0, length))
}

function readText(bytes: Buffer): ReadProxyHeader {
  const end = bytes.subarray(0, TEXT_BYTES).indexOf('\r\n')
  if (end < 0) return bytes.length < TEXT_BYTES ? 'more' : 'malformed'
  const words = bytes.toString('latin1', 0, end).split(' ')
  const length = end + 2
  // whatever follows it is to be ignored
  if (words[1] === 'UNKNOWN') return introduction(length, undefined)
  const [, family, source = '', destination = '', ...ports] = words
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : isNone
  const isWhole = isAddress(source) && isAddress(destination) && ports.length === 2 && ports.every(isPort)
  return isWhole ? introduction(length, source) : 'malformed'
}

/** Of a client of whose TLS nothing is said. */
function introduction(length: number, remoteAddress: string | undefined): ProxyHeader {
  return { length, remoteAddress, tls: null, isCertified: false }
}

function isNone(): false {
  return false
}

function isPort(word: string): boolean {
  return PORT.test(word) && Number(word) <= 0xffff
}

function readBinary(bytes: Buffer): ReadProxyHeader {
  const command = bytes.readUInt8(12)
  if (command !== LOCAL && command !== PROXY) return 'malformed'
  const length = FIXED_BYTES + bytes.readUInt16BE(14)
  if (length > PROXY_HEADER_BYTES) return 'malformed'
  if (bytes.length < length) return 'more'
  // as a check of the proxy's own comes, and whoever came to HAProxy over a Unix socket
  if (command === LOCAL) return introduction(length, undefined)
  const body = bytes.subarray(FIXED_BYTES, length)
  const family = bytes.readUInt8(13) >> 4
  // some write the path of a Unix socket alone, without what is to fill it up
  if (family === UNIX && body.length > 0 && body.length < UNIX_BYTES) return introduction(length, undefined)
  const addressBytes = ADDRESS_BYTES[family]
  if (addressBytes === undefined || body.length < addressBytes) return 'malformed'
  const said = readProxyTls(body.subarray(addressBytes))
  if (said === 'malformed') return 'malformed'
  const remoteAddress = addressOf(body, family)
  return { length, remoteAddress, tls: said?.facts ?? null, isCertified: said?.isCertified ?? false }
}

function addressOf(body: Buffer, family: number): string | undefined {
  if (family === 1) return body.subarray(0, 4).join('.')
  return family === 2 ? ipv6Text(body.subarray(0, 16)) : undefined
}

/** As the system writes the addresses of sockets: in the shortest form, an IPv4 one by its dots. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, place) => bytes.readUInt16BE(place * 2).toString(16))
  const host = new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
  const isMapped = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff'
  return isMapped ? `::ffff:${bytes.subarray(12).join('.')}` : host
}
