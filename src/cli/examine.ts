import {
  autoMaxCells,
  createPluginHost,
  type HookName,
  hooksOf,
  type JailLayer,
  type PluginHost,
  type RuntimeVersions,
  runtimeVersions,
  type SandboxLimits,
  usableMemoryBytes,
} from '../../sandbox/index.ts'
import { BulkheadError } from '../base/errors.ts'
import { TickEnd } from '../base/tick-end.ts'
import { VERSION } from '../base/version.ts'
import type { BrokerConfig, TenantConfig } from '../config/broker-config.ts'
import { loadConfig } from '../config/load-config.ts'
import type { TenantState } from '../observe/start-lines.ts'
import { examineData } from './examine-data.ts'
import { type PluginResult, preparePlugins, SILENT } from './prepare-plugins.ts'
import { type TriedCell, tryCell } from './try-cell.ts'

/** All that `bulkhead doctor` found out, as data. */
export interface Findings {
  readonly version: string
  readonly runtime: RuntimeVersions
  readonly layers: readonly JailLayer[]
  /** A real cell, or why there is none. */
  readonly cell: TriedCell | { readonly failure: string }
  readonly config: ConfigFindings | undefined
  /** Whether a broker would start: on this machine, and with the config if there is one. */
  readonly sound: boolean
}

export interface ConfigFindings {
  readonly file: string
  readonly warnings: readonly string[]
  readonly jail: BrokerConfig['sandbox']['jail']
  readonly tenants: readonly TenantFindings[]
  readonly memory: MemoryPlan
  /** Where metrics and probes are served; undefined: nowhere. */
  readonly metrics: BrokerConfig['metrics']['bind']
  readonly data: ReturnType<typeof examineData>
}

export interface TenantFindings extends Omit<TenantState, 'plugins'> {
  readonly plugins: readonly (Omit<TenantState['plugins'][number], 'hooks'> & {
    readonly hooks: readonly HookName[]
  })[]
  readonly limits: SandboxLimits
  readonly jit: boolean
}

/** How many cells there may be, and what they may come to. */
export interface MemoryPlan {
  /** Tenants with plugins: each may want a cell. */
  readonly tenants: number
  /** Cells that run at once; past it those that were idle for longest stop. */
  readonly maxCells: number
  /** Whether that comes from the memory, and not from the config. */
  readonly isAuto: boolean
  readonly spareCells: number
  readonly idleStopSec: number
  /** If each cell that a tenant can have at once has grown to its limit; spares do not grow. */
  readonly worstCaseMiB: number
  /** Of the machine, or of the broker's control group if that is less. */
  readonly machineMiB: number
}

const START_WAIT_MS = 10_000
const MIB = 1_048_576

/**
 * Examines this machine and, with a file, what a broker with this config would be.
 *
 * @throws BulkheadError when the config is wrong.
 */
export async function examine(file: string | undefined): Promise<Findings> {
  const loaded = file === undefined ? undefined : await loadConfig(file)
  const { layers, cell } = await examineMachine()
  const config =
    loaded === undefined || file === undefined
      ? undefined
      : { file, warnings: loaded.warnings, ...(await examineConfig(loaded.config, layers.length > 0)) }
  const strictRefuses = config?.jail === 'strict' && layers.some(({ stands }) => !stands)
  const sound = layers.length > 0 && !('failure' in cell) && !strictRefuses
  return { version: VERSION, runtime: runtimeVersions(), layers, cell, config, sound }
}

/** Whatever the config wants: what the machine has. Without a layer that each jail needs there is none. */
async function examineMachine(): Promise<Pick<Findings, 'layers' | 'cell'>> {
  let host: PluginHost | undefined
  try {
    const tickEnd = new TickEnd()
    host = await createPluginHost({ observer: SILENT, jail: 'auto', startWaitMs: START_WAIT_MS, tickEnd })
    return { layers: host.jail, cell: await tryCell(host) }
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error
    return { layers: host?.jail ?? [], cell: { failure: `${error.code}: ${error.message}` } }
  } finally {
    await host?.stop()
  }
}

async function examineConfig(
  config: BrokerConfig,
  canRun: boolean,
): Promise<Omit<ConfigFindings, 'file' | 'warnings'>> {
  // which plugins there are does not depend on a layer that strict would miss
  const { jail } = config.sandbox
  const lenient = {
    ...config,
    sandbox: { ...config.sandbox, jail: jail === 'strict' ? 'auto' : jail } as const,
  }
  const results = canRun ? await preparePlugins(lenient) : []
  const tenants = config.tenants.map((tenant) =>
    examineTenant(
      tenant,
      results.filter((result) => result.tenant === tenant),
    ),
  )
  const { metrics } = config
  return { jail, tenants, memory: planMemory(config), metrics: metrics.bind, data: examineData(config) }
}

function planMemory({ sandbox, tenants }: BrokerConfig): MemoryPlan {
  const { maxCells: written, spareCells, idleStopSec } = sandbox
  const isAuto = written === 'auto'
  const maxCells = isAuto ? autoMaxCells() : written
  const sizes = tenants.filter(({ plugins }) => plugins.length > 0).map(({ limits }) => limits.rssMiB)
  const largest = sizes.toSorted((a, b) => b - a).slice(0, maxCells)
  return {
    tenants: sizes.length,
    maxCells,
    isAuto,
    spareCells,
    idleStopSec,
    worstCaseMiB: largest.reduce((sum, size) => sum + size, 0),
    machineMiB: Math.floor(usableMemoryBytes() / MIB),
  }
}

function examineTenant(tenant: TenantConfig, results: readonly PluginResult[]): TenantFindings {
  const { name, anonymous, topicDefault, limits, jit } = tenant
  const plugins = results.map(examinePlugin)
  // one that cannot be used is asked everything, so that nothing opens by its absence
  const decided = (...hooks: readonly HookName[]): boolean =>
    plugins.some(
      (plugin) => plugin.unusable !== undefined || plugin.hooks.some((hook) => hooks.includes(hook)),
    )
  const undecided = Object.entries(DECIDED_BY).filter(([, hooks]) => !decided(...hooks, 'topicFiltering'))
  return {
    name,
    anonymous,
    topicDefault,
    authenticates: decided('authenticate'),
    undecided: undecided.map(([action]) => action),
    plugins,
    limits,
    jit,
  }
}

const DECIDED_BY: Readonly<Record<string, readonly HookName[]>> = {
  publish: ['authorizePublish'],
  subscribe: ['authorizeSubscribe'],
  receive: ['authorizeReceive'],
}

function examinePlugin({ plugin, prepared }: PluginResult): TenantFindings['plugins'][number] {
  if (prepared instanceof BulkheadError) {
    return { name: plugin.name, version: '', hooks: [], powers: [], unusable: prepared.message }
  }
  return {
    name: plugin.name,
    version: prepared.bundle?.manifest.version ?? '',
    hooks: [...hooksOf(prepared)],
    powers: Object.keys(prepared.capabilities),
    unusable: undefined,
  }
}
