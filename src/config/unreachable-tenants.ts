import type { TenantMatch } from './broker-config.ts'

/** The tenant that needs no match: whoever matches no other tenant is its. */
export const CATCH_ALL = 'default'

/** A tenant as far as matching goes. */
export interface Matching {
  readonly name: string
  readonly match: TenantMatch | undefined
}

/**
 * Says of each tenant that no connection can ever reach why so, given the tenants in file order and all
 * listeners. A tenant is out of reach when, on each listener that it could match, an earlier one takes all
 * that it would.
 */
export function unreachableTenants(
  tenants: readonly Matching[],
  listeners: readonly string[],
): Map<string, string> {
  const reasons = new Map<string, string>()
  const earlier: Matching[] = []
  for (const tenant of catchAllLast(tenants)) {
    const reason = whyUnreachable(tenant, earlier, listeners)
    if (reason === undefined) earlier.push(tenant)
    else reasons.set(tenant.name, reason)
  }
  return reasons
}

function catchAllLast(tenants: readonly Matching[]): Matching[] {
  const isCatchAll = ({ name, match }: Matching): boolean => name === CATCH_ALL && match === undefined
  return [...tenants.filter((tenant) => !isCatchAll(tenant)), ...tenants.filter(isCatchAll)]
}

function whyUnreachable(
  { name, match }: Matching,
  earlier: readonly Matching[],
  listeners: readonly string[],
): string | undefined {
  if (match === undefined && name !== CATCH_ALL) {
    return `can never be reached: it has no "match", and only the tenant "${CATCH_ALL}" may do without`
  }
  const prefix = match?.usernamePrefix ?? ''
  const own =
    match?.listener === undefined ? listeners : listeners.filter((listener) => listener === match.listener)
  const takers = own.map((listener) => earlier.find((other) => takes(other.match, listener, prefix)))
  // a listener that does not exist is a mistake of its own
  if (takers.length === 0 || takers.includes(undefined)) return undefined
  const names = [...new Set(takers.map((taker) => JSON.stringify(taker?.name)))].join(', ')
  return `can never be reached: ${names} before it takes all of its connections`
}

/** Whether `match` takes every connection on `listener` whose user name starts with `prefix`. */
function takes(match: TenantMatch | undefined, listener: string, prefix: string): boolean {
  const onListener = match?.listener === undefined || match.listener === listener
  return onListener && prefix.startsWith(match?.usernamePrefix ?? '')
}
