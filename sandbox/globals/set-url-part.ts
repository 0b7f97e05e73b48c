import { cutPort, withoutBreaks } from './parse-url.ts'
import { parseHost } from './url-host.ts'
import { pathAfterAuthority } from './url-path.ts'
import { hasAuthority, hasCredentials, isSpecial, portOf, type UrlRecord } from './url-record.ts'

// What the setters of `URL` do [URL standard, 6.1]: a part that does not fit changes nothing, and nobody is
// told.

/** @param text with or without its colon and what follows it. */
export function setScheme(url: UrlRecord, text: string): void {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:|$)/.exec(text)?.[0].toLowerCase()
  if (scheme === undefined || isSpecial(scheme) !== isSpecial(url.scheme)) return
  if (scheme === 'file' && (hasCredentials(url) || url.port !== '')) return
  if (url.scheme === 'file' && url.host === '') return
  url.scheme = scheme
  url.port = portOf(scheme, url.port)
}

/** @param withPort whether a port may follow: `host`; else `hostname`. */
export function setHost(url: UrlRecord, text: string, withPort: boolean): void {
  if (typeof url.path === 'string') return
  const special = isSpecial(url.scheme)
  const authority = text.slice(0, endOf(text, special ? /[/\\?#]/ : /[/?#]/))
  const [host, port] = url.scheme === 'file' ? [authority, null] : cutPort(authority)
  if (host === '') {
    const needed =
      url.scheme !== 'file' && (special || port !== null || hasCredentials(url) || url.port !== '')
    if (!needed) url.host = ''
    return
  }
  if (port !== null && !withPort) return
  const parsed = parseHost(host, special)
  if ('refused' in parsed) return
  url.host = url.scheme === 'file' && parsed.host === 'localhost' ? '' : parsed.host
  if (port !== null) usePort(url, port)
}

/** @param text digits, and whatever follows them; '' takes the port away. */
export function setPort(url: UrlRecord, text: string): void {
  if (!hasAuthority(url)) return
  if (text === '') url.port = ''
  else usePort(url, withoutBreaks(text))
}

function usePort(url: UrlRecord, text: string): void {
  const digits = /^[0-9]+/.exec(text)?.[0]
  if (digits !== undefined && Number(digits) <= 65_535) url.port = portOf(url.scheme, `${Number(digits)}`)
}

export function setPathname(url: UrlRecord, text: string): void {
  if (typeof url.path === 'string') return
  if (text === '' && !isSpecial(url.scheme) && url.host === null) url.path = ['']
  else url.path = pathAfterAuthority(url.scheme, text)
}

function endOf(text: string, sign: RegExp): number {
  const end = text.search(sign)
  return end < 0 ? text.length : end
}
