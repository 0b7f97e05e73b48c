/** A URL in its parts [URL standard, 4.1]. */
export interface UrlRecord {
  /** Without the colon, in small letters. */
  scheme: string
  username: string
  password: string
  /** As it is written; null when there is none, '' when it is empty. */
  host: string | null
  /** Digits; '' for the scheme's own. */
  port: string
  /** Segments, or all of it where the scheme knows no hierarchy (`mailto:`). */
  path: readonly string[] | string
  /** Without `?`. */
  query: string | null
  /** Without `#`. */
  fragment: string | null
}

/** The special schemes with their ports. */
const PORTS: ReadonlyMap<string, string> = new Map([
  ['http', '80'],
  ['https', '443'],
  ['ws', '80'],
  ['wss', '443'],
  ['ftp', '21'],
  ['file', ''],
])

export function isSpecial(scheme: string): boolean {
  return PORTS.has(scheme)
}

/** A scheme's own port is not written. */
export function portOf(scheme: string, port: string): string {
  return PORTS.get(scheme) === port ? '' : port
}

export function hasCredentials(url: UrlRecord): boolean {
  return url.username !== '' || url.password !== ''
}

/** Whether the URL can have a user name, a password and a port. */
export function hasAuthority(url: UrlRecord): boolean {
  return url.host !== null && url.host !== '' && url.scheme !== 'file'
}

/** The path as text. */
export function pathText({ path }: UrlRecord): string {
  if (typeof path === 'string') return path
  return path.length === 0 ? '' : `/${path.join('/')}`
}

export function hostText({ host, port }: UrlRecord): string {
  return port === '' ? (host ?? '') : `${host}:${port}`
}

/** The whole URL [URL standard, 4.5]. */
export function urlText(url: UrlRecord): string {
  const password = url.password === '' ? '' : `:${url.password}`
  const credentials = hasCredentials(url) ? `${url.username}${password}@` : ''
  // without a host, a path that begins with two slashes would be read as one
  const noHost = typeof url.path !== 'string' && url.path.length > 1 && url.path[0] === '' ? '/.' : ''
  const authority = url.host === null ? noHost : `//${credentials}${hostText(url)}`
  const query = url.query === null ? '' : `?${url.query}`
  const fragment = url.fragment === null ? '' : `#${url.fragment}`
  return `${url.scheme}:${authority}${pathText(url)}${query}${fragment}`
}

/** The origin as text [URL standard, 4.7], but for `blob:`. */
export function originText(url: UrlRecord): string {
  return isSpecial(url.scheme) && url.scheme !== 'file' ? `${url.scheme}://${hostText(url)}` : 'null'
}
