import { CERTIFICATE_NAME_CHARS } from '../base/limits.ts'
import type { TlsFacts } from './wire.ts'

/** The kinds of further facts in a header of version 2, and of those within the one about TLS. */
const AUTHORITY = 0x02
const TLS = 0x20
const COMMON_NAME = 0x22
/** What the client did: it came with TLS, and showed a certificate in this connection, or in its session. */
const BY_TLS = 0x01
const WITH_CERTIFICATE = 0x06
const TLS_FIXED_BYTES = 5

/** What a proxy says of the TLS that it ended. */
export interface ProxiedTls {
  /** The server's name, and the common name of the client's certificate if that has been verified. */
  readonly facts: TlsFacts
  /** The proxy has verified a certificate of the client's, whatever name there is in it. */
  readonly isCertified: boolean
}

/** Null: it says nothing. */
export function readProxyTls(bytes: Buffer): ProxiedTls | null | 'malformed' {
  const facts = split(bytes)
  if (facts === null) return 'malformed'
  const tls = facts.get(TLS)
  if (tls === undefined) return null
  if (tls.length < TLS_FIXED_BYTES) return 'malformed'
  const inner = split(tls.subarray(TLS_FIXED_BYTES))
  if (inner === null) return 'malformed'
  const client = tls.readUInt8(0)
  if ((client & BY_TLS) === 0) return null
  const isCertified = (client & WITH_CERTIFICATE) !== 0 && tls.readUInt32BE(1) === 0
  const commonName = isCertified ? (inner.get(COMMON_NAME)?.toString() ?? '') : ''
  const isName = commonName !== '' && commonName.length <= CERTIFICATE_NAME_CHARS
  const subject = isName ? `CN=${escaped(commonName)}` : ''
  const serverName = serverNameOf(facts.get(AUTHORITY))
  return { facts: { subject, subjectAltNames: [], fingerprint256: '', serverName }, isCertified }
}

function serverNameOf(authority: Buffer | undefined): string {
  if (authority === undefined || authority.length > CERTIFICATE_NAME_CHARS) return ''
  return authority.toString().toLowerCase()
}

/** Kind, length, value, one after the other; null: they do not end where the bytes end. */
function split(bytes: Buffer): Map<number, Buffer> | null {
  const facts = new Map<number, Buffer>()
  let at = 0
  while (at + 3 <= bytes.length) {
    const end = at + 3 + bytes.readUInt16BE(at + 1)
    if (end > bytes.length) return null
    facts.set(bytes.readUInt8(at), bytes.subarray(at + 3, end))
    at = end
  }
  return at === bytes.length ? facts : null
}

/** As RFC 2253 writes values: no name may look like several parts. */
function escaped(value: string): string {
  return value
    .replaceAll(/[,+"\\<>;]|^[# ]| $/g, String.raw`\$&`)
    .replaceAll(/\p{Cc}/gu, (char) => `\\${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
