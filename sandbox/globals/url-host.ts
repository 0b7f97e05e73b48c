import { domainToAscii } from './domain.ts'
import { endsInNumber, parseIpv4, parseIpv6 } from './ip-address.ts'
import { ENCODED, percentDecode, percentEncode } from './percent-encode.ts'

/** A host as it is written, or why it is none. */
export type Host = { readonly host: string } | { readonly refused: string }

const FORBIDDEN = /[ #/:<>?@[\\\]^|]/
/** A domain has no control characters and no `%` either [URL standard, 3.2]. */
const FORBIDDEN_IN_DOMAIN = /[^!-~]|[#%/:<>?@[\\\]^|]/

/** @param special whether the scheme is one whose hosts are domains and addresses [URL standard, 3.5]. */
export function parseHost(text: string, special: boolean): Host {
  if (text.startsWith('[')) {
    const address = text.endsWith(']') ? parseIpv6(text.slice(1, -1)) : undefined
    return address === undefined ? { refused: 'the host is no IPv6 address' } : { host: `[${address}]` }
  }
  if (!special) {
    return text.includes('\0') || FORBIDDEN.test(text)
      ? WRONG_CHARACTER
      : { host: percentEncode(text, ENCODED.control) }
  }
  const domain = domainToAscii(percentDecode(text))
  if ('refused' in domain) return domain
  const { ascii } = domain
  if (ascii === '') return { refused: 'there is no host' }
  if (FORBIDDEN_IN_DOMAIN.test(ascii)) return WRONG_CHARACTER
  if (!endsInNumber(ascii)) return { host: ascii }
  const address = parseIpv4(ascii)
  return address === undefined ? { refused: 'the host is no IPv4 address' } : { host: address }
}

const WRONG_CHARACTER: Host = { refused: 'the host has a character that no host may have' }
