import { FETCH_URL_CHARS } from '../../limits.ts'
import type { CapabilityRequest } from '../../manifest/manifest.ts'
import { Refusal } from './power.ts'

/** `HOST:PORT` of each host that was granted, as {@link hostKey} spells it. */
export type Hosts = ReadonlySet<string>

/**
 * The hosts of a grant: names with or without a port; without one 443 is meant. What is no host, or says
 * more than a host, grants nothing.
 */
export function grantedHosts(grant: CapabilityRequest): Hosts {
  const written = grant === true ? [] : grant['hosts']
  const hosts = new Set<string>()
  for (const host of Array.isArray(written) ? (written as readonly unknown[]) : []) {
    if (typeof host !== 'string' || /[/?#@\\\s]/.test(host)) continue
    const url = URL.parse(`https://${host}`)
    if (url !== null) hosts.add(hostKey(withoutDot(url)))
  }
  return hosts
}

/**
 * Reads and judges an address before anything is sent: https, no user, a granted host and port, spelled in
 * whichever way.
 *
 * @param base where a redirect came from; relative addresses are relative to it.
 * @throws Refusal `invalid` for what is no URL, `notAllowed` for one that was not granted.
 */
export function checkUrl(text: string, hosts: Hosts, base?: URL): URL {
  const url = text.length > FETCH_URL_CHARS ? null : URL.parse(text, base)
  if (url === null)
    throw new Refusal('invalid', `url: must be a URL of at most ${FETCH_URL_CHARS} characters`)
  if (url.protocol !== 'https:') throw new Refusal('notAllowed', 'url: must begin with https://')
  if (url.username !== '' || url.password !== '') {
    throw new Refusal('notAllowed', 'url: must not contain a user or password; send an Authorization header')
  }
  url.hash = ''
  if (!hosts.has(hostKey(withoutDot(url)))) throw new Refusal('notAllowed', hostRefused(url, base))
  return url
}

/** One spelling for one host and port; URL has made all others of the name equal. */
function hostKey(url: URL): string {
  const port = url.port === '' ? '443' : url.port
  return `${url.hostname}:${port}`
}

/** A name may end in one dot, which means the same name. */
function withoutDot(url: URL): URL {
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1)
  return url
}

/** A host that an answer redirects to is not repeated: the answer may have put a secret into it. */
function hostRefused(url: URL, base: URL | undefined): string {
  const where = 'the grant of `fetch` names all hosts, and ports other than 443'
  if (base !== undefined) return `the host redirects to one that is not granted; ${where}`
  return `the host ${JSON.stringify(hostKey(url).slice(0, 100))} is not granted; ${where}`
}
