import path from 'node:path'
import { DEFAULT_LIMITS, type SandboxLimits } from '../../sandbox/index.ts'
import { assert } from '../base/assert.ts'
import { parseBindAddress } from './bind-address.ts'
import type {
  BrokerConfig,
  ListenerConfig,
  MqttConfig,
  PluginConfig,
  SandboxConfig,
} from './broker-config.ts'
import { buildTenants } from './build-tenants.ts'
import type { ShapedTree } from './check-shape.ts'
import type { ConfigProblems } from './config-problems.ts'
import { type ConfigTree, isPlainMap } from './config-tree.ts'
import { childPointer, type Pointer } from './pointer.ts'
import { parseQuantity } from './quantity.ts'
import type { ConfigSource } from './read-source.ts'
import { withoutSecrets } from './tenant-view.ts'

/** It came with a plugin there; here the tree is the broker's own. */
const SYS_INTERVAL = '"sys_interval" is aMQTT\'s name: write sys: { intervalSec: … }'

/** The top level as the schema lets it be written, defaults filled in, but for its tenants. */
interface WrittenConfig {
  readonly listeners: Readonly<Record<string, WrittenListener>>
  readonly settings?: Readonly<Record<string, unknown>>
  readonly data?: string
  readonly controlSocket?: string
  readonly mqtt: Omit<MqttConfig, 'maximumPacketSize' | 'serverKeepAliveSec'> & {
    readonly maximumPacketSize: number | string
    readonly serverKeepAliveSec?: number
  }
  readonly sandbox: Omit<SandboxConfig, 'limits'> & {
    readonly jit: boolean
    readonly limits: Omit<SandboxLimits, 'cpuShare'> & { readonly cpuShare?: number }
  }
}

interface WrittenListener {
  readonly type: ListenerConfig['type']
  readonly bind: string
  readonly maxConnections: number
  path?: string
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
  const listeners = Object.entries(written.listeners).map(([name, listener]) => buildListener(name, listener))
  checkListeners(tree, listeners, demo, problems)
  const mqtt: MqttConfig = {
    ...written.mqtt,
    serverKeepAliveSec: written.mqtt.serverKeepAliveSec,
    maximumPacketSize: parseQuantity('bytes', written.mqtt.maximumPacketSize) ?? 0,
  }
  const { jit, ...rest } = written.sandbox
  const sandbox: SandboxConfig = { ...rest, limits: { ...DEFAULT_LIMITS, ...rest.limits } }
  const optionPlaces = new Map<PluginConfig, readonly Pointer[]>()
  const warnings = shaped.root['sys_interval'] === undefined ? [] : [SYS_INTERVAL]
  const tenants = buildTenants({
    tree,
    shaped,
    secrets,
    baseDir,
    problems,
    mqtt,
    limits: sandbox.limits,
    jit,
    optionPlaces,
    warnings,
  })
  const { data } = written
  const controlSocket = absolute(baseDir, written.controlSocket)
  const config: BrokerConfig = {
    baseDir,
    file,
    listeners,
    mqtt,
    tenants,
    sandbox,
    settings: withoutSecrets(written.settings ?? {}, '/settings', secrets),
    data,
    controlSocket,
    demo,
  }
  return { config, warnings: [...warnings, ...warningsOf(config)], optionPlaces }
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

function buildListener(name: string, written: WrittenListener): ListenerConfig {
  const address = parseBindAddress(written.bind)
  assert(address !== undefined, 'the schema checked the format of a bind address')
  const { type, path = '', maxConnections } = written
  if (type === 'ws') return { name, type, ...address, path, maxConnections }
  // the schema fills in a path for every listener
  delete written.path
  return { name, type, ...address, path: '', maxConnections }
}

function checkListeners(
  tree: ConfigTree,
  listeners: readonly ListenerConfig[],
  demo: boolean,
  problems: ConfigProblems,
): void {
  const taken = new Map<string, string>()
  for (const { name, type, host, port } of listeners) {
    const pointer = childPointer('/listeners', name)
    const given = isPlainMap(tree.root['listeners']) ? tree.root['listeners'][name] : undefined
    if (type === 'tcp' && isPlainMap(given) && given['path'] !== undefined) {
      problems.atKey(tree, `${pointer}/path`, 'a tcp listener has no path')
    }
    const address = `${host}:${port}`
    const other = taken.get(address)
    if (other !== undefined && port !== 0) {
      problems.atValue(
        tree,
        `${pointer}/bind`,
        `the listener ${JSON.stringify(other)} has this address already`,
      )
    }
    taken.set(address, name)
    if (demo && !isLoopback(host)) {
      problems.atValue(
        tree,
        `${pointer}/bind`,
        'the demo admits anybody, so it listens on loopback only; write a config',
      )
    }
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(host)
}
