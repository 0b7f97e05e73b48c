import path from 'node:path'
import { DEFAULT_LIMITS, type SandboxLimits } from '../../sandbox/index.ts'
import type { BrokerConfig, PluginConfig, SandboxConfig } from './broker-config.ts'
import { buildAdmin, type WrittenAdmin } from './build-admin.ts'
import { buildListeners, type WrittenListener } from './build-listeners.ts'
import { buildMetrics, exposedMetrics, type WrittenMetrics } from './build-metrics.ts'
import { buildMqtt, type WrittenMqtt } from './build-mqtt.ts'
import { buildSources, type WrittenSources } from './build-sources.ts'
import { buildTenants } from './build-tenants.ts'
import { checkMatches } from './check-matches.ts'
import type { ShapedTree } from './check-shape.ts'
import type { ConfigProblems } from './config-problems.ts'
import type { Pointer } from './pointer.ts'
import { exposedSources } from './exposed-sources.ts'
import type { ConfigSource } from './read-source.ts'
import { withoutSecrets } from './tenant-view.ts'

/** It came with a plugin there; here the tree is the broker's own. */
const SYS_INTERVAL = '"sys_interval" is aMQTT\'s name: write sys: { intervalSec: … }'

/** The top level as the schema lets it be written, defaults filled in, but for its tenants. */
interface WrittenConfig extends WrittenSources {
  readonly listeners: Readonly<Record<string, WrittenListener>>
  readonly settings?: Readonly<Record<string, unknown>>
  readonly data?: string
  readonly durability: 'fsync' | 'os' | 'memory'
  readonly controlSocket?: string
  readonly mqtt: WrittenMqtt
  readonly sys: BrokerConfig['sys']
  readonly log: BrokerConfig['log']
  readonly metrics: WrittenMetrics
  readonly admin: WrittenAdmin
  readonly drainSec: number
  readonly serverReference?: string
  readonly sandbox: Omit<SandboxConfig, 'limits'> & {
    readonly jit: boolean
    readonly limits: Omit<SandboxLimits, 'cpuShare'> & { readonly cpuShare?: number }
  }
}

/** A config, and what is worth knowing of how it came about. */
export interface BuiltConfig {
  readonly config: BrokerConfig
  /** What the operator should know, though it does not stop the start. */
  readonly warnings: readonly string[]
  /** Where each plugin's options stand. */
  readonly optionPlaces: ReadonlyMap<PluginConfig, readonly Pointer[]>
}

/**
 * Builds the config that the broker uses from a tree of the right shape. What makes no sense goes to
 * `problems`.
 *
 * @param secrets places whose values must not be shown.
 */
export function buildConfig(
  source: ConfigSource,
  shaped: ShapedTree,
  secrets: ReadonlySet<Pointer>,
  problems: ConfigProblems,
): BuiltConfig {
  const written = shaped.root as unknown as WrittenConfig
  const { tree, baseDir, file, demo } = source
  const mqtt = buildMqtt(written.mqtt)
  const { jit, ...rest } = written.sandbox
  const sandbox: SandboxConfig = { ...rest, limits: { ...DEFAULT_LIMITS, ...rest.limits } }
  const shared = buildSources(written, '', { tree, problems, baseDir })
  const optionPlaces = new Map<PluginConfig, readonly Pointer[]>()
  const sysInterval = shaped.root['sys_interval'] as number | undefined
  const warnings = sysInterval === undefined ? [] : [SYS_INTERVAL]
  const tenants = buildTenants({
    tree,
    shaped,
    secrets,
    baseDir,
    problems,
    mqtt,
    limits: sandbox.limits,
    jit,
    shared,
    optionPlaces,
    warnings,
  })
  const listeners = buildListeners({
    tree,
    written: written.listeners,
    baseDir,
    demo,
    problems,
    tenants,
    mqtt,
  })
  checkMatches({ tree, shaped, problems, tenants, listeners })
  const controlSocket = absolute(baseDir, written.controlSocket)
  const config: BrokerConfig = {
    baseDir,
    file,
    listeners,
    mqtt,
    // the broker's own name for it counts, where both are written
    sys:
      sysInterval === undefined || tree.keys.has('/sys/intervalSec')
        ? written.sys
        : { intervalSec: sysInterval },
    log: written.log,
    metrics: buildMetrics(written.metrics, tree, problems),
    admin: buildAdmin(written.admin, tree, problems),
    drainSec: written.drainSec,
    serverReference: written.serverReference,
    tenants,
    sandbox,
    settings: withoutSecrets(written.settings ?? {}, '/settings', secrets),
    data: absolute(baseDir, written.data),
    durability: written.durability,
    controlSocket,
    demo,
  }
  return { config, warnings: [...warnings, ...warningsOf(config)], optionPlaces }
}

/** A path as the config has it; `off` is no path. */
function absolute(baseDir: string, written: string | undefined): string | undefined {
  return written === undefined || written === 'off' ? written : path.resolve(baseDir, written)
}

function warningsOf({ tenants, metrics }: BrokerConfig): string[] {
  const closed = tenants.filter(({ anonymous, plugins }) => !anonymous && plugins.length === 0)
  const warnings = closed.map(
    ({ name }) => `nobody can connect to the tenant "${name}": it has no plugins, and no "anonymous: true"`,
  )
  warnings.push(...exposedSources(tenants), ...exposedMetrics(metrics))
  return warnings
}
