import type { BrokerConfig, TenantConfig } from './broker-config.ts'
import { buildTenants } from './build-tenants.ts'
import { checkMatches } from './check-matches.ts'
import { checkShape } from './check-shape.ts'
import { ConfigProblems } from './config-problems.ts'
import { isPlainMap } from './config-tree.ts'
import { copyPlain } from './copy-plain.ts'

/** Keys that name files, or servers, of the machine: they are the config's alone. */
const OF_THE_CONFIG = ['plugins', 'databases', 'directories', 'passwords', 'acl'] as const

/**
 * Builds a tenant that is made at run time, from the same keys as below `tenants: NAME:` in the config, by
 * the same schema and within the operator's limits. No reference to a file or an environment variable is
 * followed.
 *
 * @param others the tenants before it, in match order.
 * @throws BulkheadError ERR_CONFIG_INVALID, whose message has a line for every mistake.
 */
export function buildHostedTenant(
  config: BrokerConfig,
  others: readonly TenantConfig[],
  name: string,
  settings: unknown,
): TenantConfig {
  const problems = new ConfigProblems()
  const tree = copyPlain({ tenants: { [name]: settings } }, problems)
  for (const key of OF_THE_CONFIG) {
    if (isPlainMap(settings) && settings[key] !== undefined)
      problems.atKey(
        tree,
        `/tenants/${name}/${key}`,
        `"${key}" is for tenants of the config; upload plugins instead`,
      )
  }
  // not even read: whoever manages tenants does not learn what files of the machine hold
  problems.throwIfAny()
  const shaped = checkShape(tree, problems)
  const [tenant] = buildTenants({
    tree,
    shaped,
    secrets: new Set(),
    baseDir: config.baseDir,
    problems,
    mqtt: config.mqtt,
    limits: config.sandbox.limits,
    jit: false,
    shared: { databases: [], directories: [] },
    optionPlaces: new Map(),
    warnings: [],
  })
  const { listeners } = config
  // a listener that it matches is one of the config
  shaped.root['listeners'] = Object.fromEntries(listeners.map((listener) => [listener.name, {}]))
  if (tenant !== undefined) checkMatches({ tree, shaped, problems, tenants: [...others, tenant], listeners })
  problems.throwIfAny()
  // what is not there was a mistake, and was thrown
  return tenant as TenantConfig
}
