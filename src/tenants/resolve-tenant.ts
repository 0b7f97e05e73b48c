/** How connections find their tenant: all that is given must match. */
export interface TenantMatch {
  readonly listener?: string
  /** By which the client calls the server. */
  readonly tlsServerName?: string
  /** A part of its verified certificate's subject; `*`: it has one. */
  readonly clientCertificate?: string
  /** Of the upgrade request, without its query. */
  readonly wsPath?: string
  /** Of the upgrade request, without the port. */
  readonly wsHost?: string
  readonly usernamePrefix?: string
}

/** By what a connection is told apart, before anybody is asked. */
export interface Newcomer {
  readonly listener: string
  /** Null: it came without TLS. */
  readonly tls: { readonly subject: string; readonly serverName: string } | null
  /** Null: it is no WebSocket. */
  readonly upgrade: { readonly path: string; readonly host: string } | null
  readonly username: string | undefined
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
  newcomer: Newcomer,
): Resolved<Tenant> | null {
  const { listener, username } = newcomer
  for (const { tenant, match } of rules) {
    if (match === undefined) continue
    if (match.listener !== undefined && match.listener !== listener) continue
    if (!matchesTls(match, newcomer) || !matchesUpgrade(match, newcomer)) continue
    const prefix = match.usernamePrefix
    if (prefix === undefined) return { tenant, username }
    if (username?.startsWith(prefix) === true) return { tenant, username: username.slice(prefix.length) }
  }
  const rest = rules.find(({ match }) => match === undefined)
  return rest === undefined ? null : { tenant: rest.tenant, username }
}

function matchesTls({ tlsServerName, clientCertificate }: TenantMatch, { tls }: Newcomer): boolean {
  if (tlsServerName !== undefined && tls?.serverName !== tlsServerName.toLowerCase()) return false
  if (clientCertificate === undefined) return true
  const subject = tls?.subject ?? ''
  return clientCertificate === '*' ? subject !== '' : partsOf(subject).includes(clientCertificate)
}

/** Of a name as RFC 2253 writes it: a comma within a part is escaped. */
function partsOf(subject: string): readonly string[] {
  return subject.match(/(?:[^\\,]|\\.)+/gs) ?? []
}

function matchesUpgrade({ wsPath, wsHost }: TenantMatch, { upgrade }: Newcomer): boolean {
  if (wsPath !== undefined && upgrade?.path.split('?', 1)[0] !== wsPath) return false
  return wsHost === undefined || (upgrade !== null && hostOf(upgrade.host) === wsHost.toLowerCase())
}

/** Of a Host header, which may end in a port. */
function hostOf(host: string): string {
  return host.replace(/:[0-9]*$/, '').toLowerCase()
}
