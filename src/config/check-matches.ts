import type { ListenerConfig, TenantConfig } from './broker-config.ts'
import type { ShapedTree } from './check-shape.ts'
import type { ConfigProblems } from './config-problems.ts'
import { type ConfigTree, isPlainMap } from './config-tree.ts'
import { childPointer } from './pointer.ts'
import { unreachableTenants } from './unreachable-tenants.ts'

/** What is looked through for tenants that nobody, or somebody else, would reach. */
export interface MatchSources {
  readonly tree: ConfigTree
  readonly shaped: ShapedTree
  readonly problems: ConfigProblems
  readonly tenants: readonly TenantConfig[]
  readonly listeners: readonly ListenerConfig[]
}

/** Each tenant must be matched by a listener that exists, and by some connection. */
export function checkMatches(sources: MatchSources): void {
  const { tree, shaped, problems, tenants, listeners } = sources
  if (tree.root['tenants'] === undefined) return
  const sure = tenants.filter(({ name }) => {
    const match = `${childPointer('/tenants', name)}/match`
    return ![...shaped.removed].some((removed) => removed.startsWith(match))
  })
  const { listeners: given } = tree.root
  const names = Object.keys(isPlainMap(given) ? given : (shaped.root['listeners'] ?? {}))
  for (const { name, match } of sure) {
    if (match?.listener === undefined || names.includes(match.listener)) continue
    const pointer = `${childPointer('/tenants', name)}/match/listener`
    const why = `there is no listener ${JSON.stringify(match.listener)}, only ${names.join(', ')}`
    problems.atValue(tree, pointer, why)
  }
  checkAuthorities(sources)
  // of a listener that is wrong nobody knows who could come by it
  const areSure = ![...shaped.removed].some((removed) => removed.startsWith('/listeners'))
  for (const [name, reason] of unreachableTenants(sure, areSure ? listeners : [])) {
    problems.atKey(tree, childPointer('/tenants', name), `the tenant ${JSON.stringify(name)} ${reason}`)
  }
}

/**
 * An authority that judges the clients of one server name writes into their certificates what it likes: such
 * a certificate is worth something under that name alone.
 */
function checkAuthorities({ tree, problems, tenants, listeners }: MatchSources): void {
  const several = listeners.find(({ tls }) =>
    [...(tls?.sni.values() ?? [])].some(({ caFile }) => caFile !== tls?.caFile),
  )
  if (several === undefined) return
  for (const { name, match } of tenants) {
    if (match?.clientCertificate === undefined || match.tlsServerName !== undefined) continue
    if (match.listener !== undefined && match.listener !== several.name) continue
    const why =
      'clientCertificate needs a tlsServerName beside it: ' +
      `the listener ${JSON.stringify(several.name)} has authorities for single server names, ` +
      'and each could name this tenant'
    problems.atKey(tree, `${childPointer('/tenants', name)}/match/clientCertificate`, why)
  }
}
