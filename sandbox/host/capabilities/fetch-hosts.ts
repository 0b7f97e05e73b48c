import { FETCH_URL_CHARS } from '../../limits.ts'
import type { CapabilityRequest } from '../../manifest/manifest.ts'
import { Refusal } from './power.ts'

/** Where a plugin may send requests. */
export interface Reach {
  /** `HOST:PORT` of each host of the public internet, as {@link hostKey} spells it; https alone. */
  readonly hosts: ReadonlySet<string>
  /** Origins that the operator named on a network of its own, `http:` or `https:`. */
  readonly inside: ReadonlySet<string>
}

/**
 * The hosts of a grant: names with or without a port; without one 443 is meant. What is no host, or says
 * more than a host, grants nothing.
 */
export function grantedReach(grant: CapabilityRequest): Reach {
  const hosts = new Set<string>()
  for (const host of listed(grant, 'hosts')) {
    if (typeof host !== 'string' || /[/?#@\\\s]/.test(host)) continue
    const url = URL.parse(`https://${host}`)
    if (url !== null) hosts.add(hostKey(withoutDot(url)))
  }
  const inside = listed(grant, 'private').map(insideOrigin)
  return { hosts, inside: new Set(inside.filter((origin) => origin !== undefined)) }
}

/**
 * An origin and nothing more, such as `http://auth.internal:8080`, in its one spelling; undefined: it is
 * none.
 */
export function insideOrigin(written: unknown): string | undefined {
  if (typeof written !== 'string' || /[?#@\\\s]/.test(written)) return undefined
  const url = URL.parse(written)
  if (url === null || url.pathname !== '/' || !/^https?:$/.test(url.protocol)) return undefined
  return withoutDot(url).origin
}

function listed(grant: CapabilityRequest, bound: string): readonly unknown[] {
  const written = grant === true ? undefined : grant[bound]
  return Array.isArray(written) ? written : []
}

/**
 * Reads and judges an address before anything is sent: no user; an origin that the operator named, or https
 * to a granted host and port, spelled in whichever way.
 *
 * @param base where a redirect came from; relative addresses are relative to it.
 * @throws Refusal `invalid` for what is no URL, `notAllowed` for one that was not granted.
 */
export function checkUrl(text: string, reach: Reach, base?: URL): URL {
  const url = text.length > FETCH_URL_CHARS ? null : URL.parse(text, base)
  if (url === null)
    throw new Refusal('invalid', `url: must be a URL of at most ${FETCH_URL_CHARS} characters`)
  if (url.username !== '' || url.password !== '') {
    throw new Refusal('notAllowed', 'url: must not contain a user or password; send an Authorization header')
  }
  url.hash = ''
  withoutDot(url)
  if (reach.inside.has(url.origin)) return url
  if (url.protocol !== 'https:') throw new Refusal('notAllowed', 'url: must begin with https://')
  if (!reach.hosts.has(hostKey(url))) throw new Refusal('notAllowed', hostRefused(url, base))
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
