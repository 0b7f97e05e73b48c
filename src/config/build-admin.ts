import { isLoopback } from '../base/loopback.ts'
import { parseBindAddress } from './bind-address.ts'
import type { AdminConfig } from './broker-config.ts'
import type { ConfigProblems } from './config-problems.ts'
import type { ConfigTree } from './config-tree.ts'

/** `admin:` as the schema lets it be written, defaults filled in. */
export interface WrittenAdmin {
  readonly bind?: string
  readonly tenants: AdminConfig['tenants']
}

/** Tokens travel in it: it is no further than this machine, unless a proxy adds TLS. */
export function buildAdmin(
  { bind, tenants }: WrittenAdmin,
  tree: ConfigTree,
  problems: ConfigProblems,
): AdminConfig {
  const address = bind === undefined ? undefined : parseBindAddress(bind)
  if (address === undefined) return { bind: undefined, tenants }
  if ('host' in address && isLoopback(address.host)) return { bind: address, tenants }
  const remedy = 'bind it to 127.0.0.1, and put a proxy with TLS before it'
  problems.atValue(tree, '/admin/bind', `the admin API is served on a loopback address alone: ${remedy}`)
  return { bind: undefined, tenants }
}
