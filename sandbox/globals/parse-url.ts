import { ENCODED, percentEncode } from './percent-encode.ts'
import { parseHost } from './url-host.ts'
import {
  followPath,
  isDrive,
  isNormalDrive,
  pathAfterAuthority,
  shortened,
  startsWithDrive,
} from './url-path.ts'
import { isSpecial, portOf, type UrlRecord } from './url-record.ts'

/**
 * Parses as the URL standard does [4.4], by cutting instead of by states: fragment and query first, since
 * nothing before them may hold their signs; then scheme, authority, path.
 *
 * @throws TypeError for what is no URL.
 */
export function parseUrl(input: string, base?: UrlRecord): UrlRecord {
  const text = withoutBreaks(input.replace(OUTER_SPACE, ''))
  const [beforeFragment, fragment] = cut(text, '#')
  const [hierarchy, query] = cut(beforeFragment, '?')
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(hierarchy)?.[0]
  const url =
    scheme === undefined
      ? withoutScheme(hierarchy, query, fragment, base)
      : withScheme(scheme.toLowerCase(), hierarchy.slice(scheme.length + 1), query, base)
  if (query !== null) url.query = encodeQuery(url.scheme, query)
  url.fragment = fragment === null ? null : percentEncode(fragment, ENCODED.fragment)
  // a space at the end of an opaque path would be lost if what follows were taken away
  if (typeof url.path === 'string' && (query ?? fragment) !== null) url.path = url.path.replace(/ $/, '%20')
  return url
}

/** All that comes before `!`: control characters and the space. */
const OUTER_SPACE = /^[^!-\u{10ffff}]+|[^!-\u{10ffff}]+$/gu

/** Tabs and line breaks may stand anywhere in a URL and mean nothing. */
export function withoutBreaks(text: string): string {
  return text.replaceAll(/[\t\n\r]/g, '')
}

export function encodeQuery(scheme: string, query: string): string {
  return percentEncode(query, isSpecial(scheme) ? ENCODED.specialQuery : ENCODED.query)
}

function cut(text: string, sign: string): readonly [before: string, after: string | null] {
  const at = text.indexOf(sign)
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
}

function blank(scheme: string): UrlRecord {
  return { scheme, username: '', password: '', host: null, port: '', path: [], query: null, fragment: null }
}

function withScheme(
  scheme: string,
  rest: string,
  query: string | null,
  base: UrlRecord | undefined,
): UrlRecord {
  if (scheme === 'file') return file(rest, query, base?.scheme === 'file' ? base : undefined)
  if (isSpecial(scheme)) {
    if (base?.scheme === scheme) return relativeTo(base, rest, query)
    return withAuthority(blank(scheme), rest.replace(/^[/\\]+/, ''))
  }
  const url = blank(scheme)
  if (rest.startsWith('//')) return withAuthority(url, rest.slice(2))
  if (rest.startsWith('/')) url.path = followPath(scheme, [], rest.slice(1))
  else url.path = percentEncode(rest, ENCODED.control)
  return url
}

function withoutScheme(
  rest: string,
  query: string | null,
  fragment: string | null,
  base: UrlRecord | undefined,
): UrlRecord {
  if (base === undefined) throw new TypeError('Invalid URL: it has no scheme, and there is no base')
  if (typeof base.path === 'string') {
    if (rest !== '' || query !== null || fragment === null)
      throw new TypeError(`Invalid URL: nothing is relative to a ${base.scheme}: URL`)
    return { ...base }
  }
  return base.scheme === 'file' ? file(rest, query, base) : relativeTo(base, rest, query)
}

function relativeTo(base: UrlRecord, rest: string, query: string | null): UrlRecord {
  const special = isSpecial(base.scheme)
  const slashes = (special ? /^[/\\]*/ : /^\/*/).exec(rest)?.[0].length ?? 0
  if (slashes >= 2) return withAuthority(blank(base.scheme), special ? rest.slice(slashes) : rest.slice(2))
  const url = { ...base }
  if (rest === '' && query === null) return url
  url.query = null
  if (slashes === 1) url.path = followPath(url.scheme, [], rest.slice(1))
  else if (rest !== '')
    url.path = followPath(url.scheme, shortened(url.scheme, url.path as readonly string[]), rest)
  return url
}

function withAuthority(url: UrlRecord, rest: string): UrlRecord {
  const end = rest.search(isSpecial(url.scheme) ? /[/\\]/ : /\//)
  const authority = end < 0 ? rest : rest.slice(0, end)
  const at = authority.lastIndexOf('@')
  if (at >= 0) {
    const [username, password] = cut(authority.slice(0, at), ':')
    url.username = percentEncode(username, ENCODED.userinfo)
    url.password = percentEncode(password ?? '', ENCODED.userinfo)
  }
  const [host, port] = cutPort(authority.slice(at + 1))
  if (host === '' && (isSpecial(url.scheme) || port !== null || at >= 0))
    throw new TypeError('Invalid URL: there is no host')
  url.host = checkedHost(host, isSpecial(url.scheme))
  url.port = checkedPort(url.scheme, port ?? '')
  url.path = pathAfterAuthority(url.scheme, end < 0 ? '' : rest.slice(end))
  return url
}

/** Host and port, at the first colon that is not inside brackets. */
export function cutPort(text: string): readonly [host: string, port: string | null] {
  const host = /^(?:\[[^\]]*(?:\]|$)|[^:[])*/.exec(text)?.[0] ?? ''
  return host.length === text.length ? [text, null] : [host, text.slice(host.length + 1)]
}

function checkedHost(text: string, special: boolean): string {
  if (text === '') return ''
  const parsed = parseHost(text, special)
  if ('refused' in parsed) throw new TypeError(`Invalid URL: ${parsed.refused}`)
  return parsed.host
}

function checkedPort(scheme: string, text: string): string {
  if (text === '') return ''
  const port = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new TypeError('Invalid URL: the port is no number up to 65535')
  return portOf(scheme, `${port}`)
}

/** [URL standard, 4.4, file state and those after it.] */
function file(rest: string, query: string | null, base: UrlRecord | undefined): UrlRecord {
  const url: UrlRecord = { ...blank('file'), host: '' }
  const slashes = /^[/\\]{0,2}/.exec(rest)?.[0].length ?? 0
  if (slashes === 2) return fileWithHost(url, rest.slice(2))
  const basePath = (base?.path ?? []) as readonly string[]
  if (base !== undefined) url.host = base.host
  if (slashes === 1) {
    const drive = !startsWithDrive(rest.slice(1)) && isNormalDrive(basePath[0]) ? [basePath[0]] : []
    url.path = followPath('file', drive, rest.slice(1))
  } else if (base === undefined) url.path = followPath('file', [], rest)
  else if (rest === '') {
    url.path = basePath
    if (query === null) url.query = base.query
  } else url.path = followPath('file', startsWithDrive(rest) ? [] : shortened('file', basePath), rest)
  return url
}

function fileWithHost(url: UrlRecord, rest: string): UrlRecord {
  const end = rest.search(/[/\\]/)
  const host = end < 0 ? rest : rest.slice(0, end)
  if (isDrive(host)) url.path = followPath('file', [], rest)
  else {
    const checked = checkedHost(host, true)
    url.host = checked === 'localhost' ? '' : checked
    url.path = pathAfterAuthority('file', end < 0 ? '' : rest.slice(end))
  }
  return url
}
