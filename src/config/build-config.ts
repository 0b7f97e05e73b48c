import path from 'node:path'
import { DEFAULT_LIMITS, type SandboxLimits } from '../../sandbox/index.ts'
import type { BrokerConfig, MqttConfig, PluginConfig, SandboxConfig } from './broker-config.ts'
import { buildListeners, type WrittenListener } from './build-listeners.ts'
import { buildTenants } from './build-tenants.ts'
import { checkMatches } from './check-matches.ts'
import type { ShapedTree } from './check-shape.ts'
import type { ConfigProblems } from './config-problems.ts'
import type { Pointer } from './pointer.ts'
import { parseQuantity } from './quantity.ts'
import type { ConfigSource } from './read-source.ts'

/** The top level as the schema lets it be written, defaults filled in, but for its tenants. */
interface WrittenConfig {
  readonly listeners: Readonly<Record<string, WrittenListener>>
  readonly data?: string
  readonly controlSocket?: string
  readonly mqtt: Omit<MqttConfig, 'maximumPacketSize' | 'serverKeepAliveSec'> & {
    readonly maximumPacketSize: number | string
    readonly serverKeepAliveSec?: number
  }
  readonly sys: BrokerConfig['sys']
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
  readonly optionPlaces: ReadonlyMap<PluginConfig, Pointer>
}

/**
 * Builds the config that the broker uses from a tree of the right shape. What makes no sense goes to
 * `problems`.
 */
export function buildConfig(source: ConfigSource, shaped: ShapedTree, problems: ConfigProblems): BuiltConfig {
  const written = shaped.root as unknown as WrittenConfig
  const { tree, baseDir, file, demo } = source
  const mqtt: MqttConfig = {
    ...written.mqtt,
    serverKeepAliveSec: written.mqtt.serverKeepAliveSec,
    maximumPacketSize: parseQuantity('bytes', written.mqtt.maximumPacketSize) ?? 0,
  }
  const { jit, ...rest } = written.sandbox
  const sandbox: SandboxConfig = { ...rest, limits: { ...DEFAULT_LIMITS, ...rest.limits } }
  const optionPlaces = new Map<PluginConfig, Pointer>()
  const tenants = buildTenants({
    tree,
    shaped,
    baseDir,
    problems,
    mqtt,
    limits: sandbox.limits,
    jit,
    optionPlaces,
  })
  const listeners = buildListeners({ tree, written: written.listeners, baseDir, demo, problems, tenants })
  checkMatches({ tree, shaped, problems, tenants, listeners })
  const { data } = written
  const controlSocket = absolute(baseDir, written.controlSocket)
  const config: BrokerConfig = {
    baseDir,
    file,
    listeners,
    mqtt,
    sys: written.sys,
    tenants,
    sandbox,
    data,
    controlSocket,
    demo,
  }
  return { config, warnings: warningsOf(config), optionPlaces }
}

/** A path as the config has it; `off` is no path. */
function absolute(baseDir: string, written: string | undefined): string | undefined {
  return written === undefined || written === 'off' ? written : path.resolve(baseDir, written)
}

function warningsOf({ tenants, data }: BrokerConfig): string[] {
  const closed = tenants.filter(({ anonymous, plugins }) => !anonymous && plugins.length === 0)
  const warnings = closed.map(
    ({ name }) => `nobody can connect to the tenant "${name}": it has no plugins, and no "anonymous: true"`,
  )
  if (data !== undefined) warnings.push('"data": durability comes later; everything is kept in memory')
  return warnings
}
