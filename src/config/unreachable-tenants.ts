import type { ListenerConfig, TenantMatch } from './broker-config.ts'

/** The tenant that needs no match: whoever matches no other tenant is its. */
export const CATCH_ALL = 'default'

/** A tenant as far as matching goes. */
export interface Matching {
  readonly name: string
  readonly match: TenantMatch | undefined
}

/** A listener as far as it tells connections apart. */
export type Entrance = Pick<ListenerConfig, 'name' | 'type' | 'paths' | 'proxies'> & {
  readonly tls: Pick<NonNullable<ListenerConfig['tls']>, 'clientCertificate'> | undefined
}

/** A listener, and of a WebSocket one the path: what all connections that come this way have in common. */
interface Way {
  readonly listener: string
  readonly hasServerNames: boolean
  readonly certificates: 'none' | 'some' | 'all'
  /** Undefined: no WebSocket comes this way. */
  readonly path: string | undefined
}

/**
 * Says of each tenant that no connection can ever reach why so, given the tenants in file order and all
 * listeners. A tenant is out of reach when, on each way by which its connections could come, an earlier one
 * takes all of them.
 */
export function unreachableTenants(
  tenants: readonly Matching[],
  entrances: readonly Entrance[],
): Map<string, string> {
  const ways = entrances.flatMap(waysOf)
  const reasons = new Map<string, string>()
  const earlier: Matching[] = []
  for (const tenant of catchAllLast(tenants)) {
    const reason = whyUnreachable(tenant, earlier, ways)
    if (reason === undefined) earlier.push(tenant)
    else reasons.set(tenant.name, reason)
  }
  return reasons
}

function catchAllLast(tenants: readonly Matching[]): Matching[] {
  const isCatchAll = ({ name, match }: Matching): boolean => name === CATCH_ALL && match === undefined
  return [...tenants.filter((tenant) => !isCatchAll(tenant)), ...tenants.filter(isCatchAll)]
}

/** A proxy may have ended TLS, and then says what it knows of it. */
function waysOf({ name, type, paths, tls, proxies }: Entrance): Way[] {
  const hasServerNames = tls !== undefined || proxies !== undefined
  const asked = tls?.clientCertificate ?? askedBy(proxies)
  const certificates = ({ none: 'none', request: 'some', require: 'all' } as const)[asked]
  const places = type === 'ws' ? paths : [undefined]
  return places.map((path) => ({ listener: name, hasServerNames, certificates, path }))
}

function askedBy(proxies: Entrance['proxies']): 'none' | 'request' | 'require' {
  if (proxies === undefined) return 'none'
  return proxies.require === 'certificate' ? 'require' : 'request'
}

function whyUnreachable(
  { name, match }: Matching,
  earlier: readonly Matching[],
  ways: readonly Way[],
): string | undefined {
  if (match === undefined && name !== CATCH_ALL) {
    return `can never be reached: it has no "match", and only the tenant "${CATCH_ALL}" may do without`
  }
  const { listener } = match ?? {}
  const here = ways.filter((way) => listener === undefined || way.listener === listener)
  // a listener that does not exist is a mistake of its own
  if (here.length === 0) return undefined
  const own = here.filter((way) => mayCome(match ?? {}, way))
  if (own.length === 0) return `can never be reached: ${missing(match ?? {}, here)}`
  const takers = own.map((way) => earlier.find((other) => takes(other.match ?? {}, match ?? {}, way)))
  if (takers.includes(undefined)) return undefined
  const names = [...new Set(takers.map((taker) => JSON.stringify(taker?.name)))].join(', ')
  return `can never be reached: ${names} before it takes all of its connections`
}

/** Whether some connection that comes this way can match. */
function mayCome(match: TenantMatch, way: Way): boolean {
  if (match.tlsServerName !== undefined && !way.hasServerNames) return false
  if (match.clientCertificate !== undefined && way.certificates === 'none') return false
  if (match.wsHost !== undefined && way.path === undefined) return false
  return match.wsPath === undefined || match.wsPath === way.path
}

/** What the listeners lack by which its connections could be told from others. */
function missing(match: TenantMatch, ways: readonly Way[]): string {
  const lacks = (has: string, hasNot: string): string =>
    match.listener === undefined
      ? `no listener ${has}`
      : `the listener ${JSON.stringify(match.listener)} ${hasNot}`
  if (match.tlsServerName !== undefined && !ways.some((way) => way.hasServerNames)) {
    return lacks('has tls, which knows server names', 'has no tls, which knows server names')
  }
  if (match.clientCertificate !== undefined && !ways.some((way) => way.certificates !== 'none')) {
    return lacks('asks for client certificates', 'asks for no client certificates')
  }
  if (!ways.some((way) => way.path !== undefined)) return lacks('is of the type ws', 'is not of the type ws')
  return lacks('has all that it is matched by', 'has not all that it is matched by')
}

/** Whether `match` takes every connection on this way that is one of `other`. */
function takes(match: TenantMatch, other: TenantMatch, way: Way): boolean {
  return (
    (match.listener === undefined || match.listener === way.listener) &&
    (match.wsPath === undefined || match.wsPath === way.path) &&
    isWider(match.wsHost?.toLowerCase(), other.wsHost?.toLowerCase()) &&
    isWider(match.tlsServerName?.toLowerCase(), other.tlsServerName?.toLowerCase()) &&
    takesCertificates(match.clientCertificate, other.clientCertificate, way) &&
    (other.usernamePrefix ?? '').startsWith(match.usernamePrefix ?? '')
  )
}

function isWider(value: string | undefined, other: string | undefined): boolean {
  return value === undefined || value === other
}

function takesCertificates(part: string | undefined, other: string | undefined, way: Way): boolean {
  if (part === '*') return other !== undefined || way.certificates === 'all'
  return isWider(part, other)
}
