import { isDeepStrictEqual } from 'node:util'
import type { PluginHost, PreparedPlugin } from '../sandbox/index.ts'
import { BulkheadError } from './base/errors.ts'
import type { BrokerConfig, TenantConfig } from './config/broker-config.ts'
import { type ConfigChange, configDifference } from './config/config-difference.ts'
import type { ConfigInput, LoadedConfig } from './config/load-config.ts'
import type { HostedPlugins } from './hosted-plugins.ts'
import type { HostedTenants } from './hosted-tenants.ts'
import { type PreparedPlugins, preparePlugins } from './hooks/prepare-plugins.ts'
import { type LiveTenants, opensAnew, type Successor } from './live-tenants.ts'
import type { Sources } from './sources/open-sources.ts'

/** The config that a broker was made from, and how another one is read. */
export interface ConfigReading {
  readonly loaded: LoadedConfig
  /** @param input default: what the broker was made from. */
  read(input?: ConfigInput): Promise<LoadedConfig>
  /** Nothing that is secret in these is written into the log. */
  hide(configs: readonly LoadedConfig[]): void
}

/** What a reload changed, or would change. */
export interface ReloadReport {
  /** False: it was a dry run. */
  readonly isApplied: boolean
  readonly changes: readonly ConfigChange[]
  /** Tenants whose plugins are opened anew; their connections stay. */
  readonly reopened: readonly string[]
  /** Keys that are not as the broker was started with, and hold after a restart. */
  readonly needsRestart: readonly string[]
}

export interface ReloadParts {
  readonly live: LiveTenants
  readonly tenants: Pick<HostedTenants, 'undisturbed' | 'check'>
  readonly plugins: Pick<HostedPlugins, 'undisturbed' | 'deployed'>
  readonly host: () => PluginHost
  readonly reading: ConfigReading
  readonly sources: Pick<Sources, 'become'>
}

/** Takes up another config while the broker serves: all that can be, or nothing. */
export class Reload {
  readonly #parts: ReloadParts
  #known: LoadedConfig

  constructor(parts: ReloadParts) {
    this.#parts = parts
    this.#known = parts.reading.loaded
  }

  /** @throws BulkheadError: nothing has changed. */
  run(isDry: boolean, input: ConfigInput | undefined): Promise<ReloadReport> {
    const { tenants, plugins, reading } = this.#parts
    return tenants.undisturbed(async () => {
      const next = await reading.read(input)
      reading.hide([this.#known, next])
      const names = this.#known.config.tenants.map(({ name }) => name)
      return plugins.undisturbed(names, () => this.#take(next, isDry))
    })
  }

  async #take(next: LoadedConfig, isDry: boolean): Promise<ReloadReport> {
    const { live, tenants, sources, reading } = this.#parts
    const { config } = next
    tenants.check(config)
    const late = config.tenants.find(({ name }) => live.isLeft(name))
    if (late !== undefined)
      throw new BulkheadError(
        'ERR_CONFLICT',
        `${late.origin ?? late.name}: the store has sessions of the tenant ${late.name}; a restart puts them back`,
      )
    const prepared = await this.#prepareAll(config.tenants)
    const successors = await this.#openAnew(config, prepared)
    const report: ReloadReport = {
      isApplied: !isDry,
      changes: configDifference(this.#known, next),
      reopened: [...successors.keys()],
      needsRestart: configDifference(reading.loaded, next)
        .filter((change) => change.needsRestart)
        .map(({ key }) => key),
    }
    if (isDry) {
      await stopAll(successors)
      return report
    }
    const before = this.#known.config.tenants.map(({ name }) => name)
    const gone = before.filter((name) => config.tenants.every((tenant) => tenant.name !== name))
    const hosted = live.configs.filter(({ name }) => !before.includes(name))
    // up to here nothing has changed, and nothing of what follows can fail
    this.#known = next
    const ends = gone.map((name) => live.withdraw(name))
    for (const [place, tenant] of config.tenants.entries()) {
      const plugins = prepared[place]
      if (live.config(tenant.name) === undefined && plugins !== undefined) live.add(tenant, plugins)
      else live.become(tenant)
      successors.get(tenant.name)?.takeOver()
    }
    live.arrange([...config.tenants, ...hosted].map(({ name }) => name))
    await Promise.all([...ends, sources.become([...config.tenants, ...hosted])])
    return report
  }

  /** @throws BulkheadError: a plugin of one of them is not well. */
  async #prepareAll(tenants: readonly TenantConfig[]): Promise<PreparedPlugins[]> {
    const all: PreparedPlugins[] = []
    for (const { name, plugins, limits } of tenants) {
      const prepared = await preparePlugins(this.#parts.host(), plugins, limits)
      const [failed] = prepared.failed
      if (failed !== undefined)
        throw new BulkheadError(failed.error.code, `tenant ${name}: ${failed.error.message}`)
      all.push(prepared)
    }
    return all
  }

  /** Plugins that are others, or are bound otherwise, beside those that serve. */
  async #openAnew(
    { tenants }: BrokerConfig,
    prepared: readonly PreparedPlugins[],
  ): Promise<Map<string, Successor>> {
    const { live, plugins } = this.#parts
    const successors = new Map<string, Successor>()
    try {
      for (const [place, after] of tenants.entries()) {
        const before = live.config(after.name)
        if (before === undefined) continue
        const own = prepared[place]?.prepared ?? []
        const wanted = [...own, ...(await plugins.deployed(after))]
        const isSame = isDeepStrictEqual(identities(wanted), identities(live.prepared(after.name)))
        const seesConfig = wanted.some(({ capabilities }) => capabilities.brokerConfig !== undefined)
        const isSeen = seesConfig && !isDeepStrictEqual(before, after)
        if (isSame && !isSeen && !opensAnew(before, after)) continue
        successors.set(after.name, await live.prepare(after.name, wanted, after))
      }
    } catch (error) {
      await stopAll(successors)
      throw error
    }
    return successors
  }
}

async function stopAll(successors: ReadonlyMap<string, Successor>): Promise<void> {
  await Promise.all([...successors.values()].map((successor) => successor.stop()))
}

/** Of a plugin's code its digest is enough. */
function identities(plugins: readonly PreparedPlugin[]): readonly unknown[] {
  return plugins.map(({ bundle, ...rest }) => [bundle?.sha256, rest])
}
