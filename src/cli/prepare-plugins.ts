import path from 'node:path'
import type { Bundle } from '../../sandbox/bundle/bundle-format.ts'
import {
  createPluginHost,
  DEFAULT_LIMITS,
  type HostObserver,
  type PreparedPlugin,
  unclaimedOptions,
} from '../../sandbox/index.ts'
import { BulkheadError } from '../base/errors.ts'
import { TickEnd } from '../base/tick-end.ts'
import type { BrokerConfig, PluginConfig, TenantConfig } from '../config/broker-config.ts'

/** One plugin of a config after its build: ready, or why not. */
export interface PluginResult {
  readonly tenant: TenantConfig
  readonly plugin: PluginConfig
  readonly prepared: PreparedPlugin | BulkheadError
}

/** Nobody listens: what a command wants to know, it gets as the result of `prepare`. */
export const SILENT: HostObserver = {
  pluginLog: () => undefined,
  pluginFaulted: () => undefined,
  powerBroke: () => undefined,
  pluginState: () => undefined,
  cellStarted: () => undefined,
  cellEnded: () => undefined,
  relieved: () => undefined,
  tellersDropped: () => undefined,
  audit: () => undefined,
}

/**
 * Builds, probes and checks every plugin of a config as a start would, in throw-away processes.
 *
 * @throws BulkheadError ERR_JAIL when the jail that the config demands cannot be built.
 */
export async function preparePlugins(config: BrokerConfig): Promise<PluginResult[]> {
  const { jail, startWaitMs } = config.sandbox
  const host = await createPluginHost({ observer: SILENT, jail, startWaitMs, tickEnd: new TickEnd() })
  try {
    const results: PluginResult[] = []
    for (const tenant of config.tenants) {
      const own: PluginResult[] = []
      for (const plugin of tenant.plugins) {
        const prepared = await host.prepare(plugin, tenant.limits).catch(operational)
        own.push({ tenant, plugin, prepared })
      }
      results.push(...refusedTogether(own))
    }
    return results
  } finally {
    await host.stop()
  }
}

/** The plugins of one tenant; undefined where one is not ready. */
export function builtPlugins(results: readonly PluginResult[]): readonly PreparedPlugin[] | undefined {
  const built = results.flatMap(({ prepared }) => (prepared instanceof BulkheadError ? [] : [prepared]))
  return built.length === results.length ? built : undefined
}

/** What is wrong with options that several plugins share is wrong with each of these. */
function refusedTogether(results: readonly PluginResult[]): readonly PluginResult[] {
  const built = builtPlugins(results)
  if (built === undefined) return results
  const refusal = unclaimedOptions(
    results.map(({ plugin }) => plugin),
    built,
  )
  if (refusal === undefined) return results
  return results.map((result) =>
    result.plugin.sharesOptions === true ? { ...result, prepared: refusal } : result,
  )
}

/**
 * Builds one folder on its author's machine, where the packages of its node_modules are bundled too.
 *
 * @throws BulkheadError as PluginHost.bundle says.
 */
export async function buildPlugin(folder: string): Promise<Bundle> {
  const host = await createPluginHost({
    observer: SILENT,
    jail: 'auto',
    startWaitMs: 0,
    tickEnd: new TickEnd(),
  })
  try {
    const source = { name: path.basename(folder), path: folder, resolvePackages: true }
    return await host.bundle(source, DEFAULT_LIMITS)
  } finally {
    await host.stop()
  }
}

/** What a plugin did wrong is a result; anything else is our bug and goes on as one. */
function operational(error: unknown): BulkheadError {
  if (error instanceof BulkheadError) return error
  throw error
}
