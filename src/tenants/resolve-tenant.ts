/** How connections find their tenant: all that is given must match. */
export interface TenantMatch {
  readonly listener?: string
  readonly usernamePrefix?: string
}

export interface TenantRule<Tenant> {
  readonly tenant: Tenant
  /** Undefined: whoever matches no other. */
  readonly match: TenantMatch | undefined
}

export interface Resolved<Tenant> {
  readonly tenant: Tenant
  /** Without the prefix that named the tenant. */
  readonly username: string | undefined
}

/**
 * The first rule in file order that matches, before any plugin code runs; null: the connection has no tenant.
 */
export function resolveTenant<Tenant>(
  rules: readonly TenantRule<Tenant>[],
  listener: string,
  username: string | undefined,
): Resolved<Tenant> | null {
  for (const { tenant, match } of rules) {
    if (match === undefined) continue
    if (match.listener !== undefined && match.listener !== listener) continue
    const prefix = match.usernamePrefix
    if (prefix === undefined) return { tenant, username }
    if (username?.startsWith(prefix) === true) return { tenant, username: username.slice(prefix.length) }
  }
  const rest = rules.find(({ match }) => match === undefined)
  return rest === undefined ? null : { tenant: rest.tenant, username }
}
