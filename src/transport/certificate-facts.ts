import type { X509Certificate } from 'node:crypto'
import { CERTIFICATE_NAMES, CERTIFICATE_NAME_CHARS } from '../base/limits.ts'
import type { TlsFacts } from './wire.ts'

/**
 * What plugins and rules may know of a verified certificate: bounded; a name that is too long is left out,
 * since a part of it would be another name.
 *
 * @param certificate undefined: the client showed none.
 * @param serverName as the client wrote it.
 */
export function tlsFacts(certificate: X509Certificate | undefined, serverName: string): TlsFacts {
  return {
    subject: certificate === undefined ? '' : shortEnough(distinguishedName(certificate.subject)),
    subjectAltNames: certificate?.subjectAltName === undefined ? [] : altNames(certificate.subjectAltName),
    fingerprint256: certificate?.fingerprint256 ?? '',
    serverName: serverName.toLowerCase(),
  }
}

/** Node writes one part a line, the widest first, and escapes it; RFC 2253 begins at the other end. */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? '').split('\n').toReversed().join(',')
}

function shortEnough(text: string): string {
  return text.length <= CERTIFICATE_NAME_CHARS ? text : ''
}

/** Names between commas; one that has a comma or a quote of its own is quoted, as JSON quotes. */
const ALT_NAME = /([A-Za-z ]+:)("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy

function altNames(text: string): string[] {
  const names: string[] = []
  for (const [, kind = '', value = ''] of text.matchAll(ALT_NAME)) {
    const name = kind + (value.startsWith('"') ? (JSON.parse(value) as string) : value)
    if (name.length <= CERTIFICATE_NAME_CHARS) names.push(name)
    if (names.length === CERTIFICATE_NAMES) break
  }
  return names
}
