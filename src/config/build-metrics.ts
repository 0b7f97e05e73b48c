import { isLoopback } from '../base/loopback.ts'
import { parseBindAddress } from './bind-address.ts'
import type { MetricsConfig } from './broker-config.ts'
import type { ConfigProblems } from './config-problems.ts'
import type { ConfigTree } from './config-tree.ts'

/** `metrics:` as the schema lets it be written, defaults filled in. */
export interface WrittenMetrics {
  readonly bind?: string
  readonly series: number
}

export function buildMetrics(
  { bind, series }: WrittenMetrics,
  tree: ConfigTree,
  problems: ConfigProblems,
): MetricsConfig {
  const address = bind === undefined ? undefined : parseBindAddress(bind)
  if (address === undefined || 'host' in address) return { bind: address, series }
  problems.atValue(tree, '/metrics/bind', 'metrics are served at HOST:PORT, not on a Unix socket')
  return { bind: undefined, series }
}

/** They are told to whoever can connect: tenants' names, and how busy each is. */
export function exposedMetrics({ bind }: MetricsConfig): readonly string[] {
  if (bind === undefined || isLoopback(bind.host)) return []
  return [`metrics are served without credentials at ${bind.host}:${bind.port}, which is no loopback address`]
}
