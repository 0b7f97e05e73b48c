import type { PluginHost, PreparedPlugin } from '../sandbox/index.ts'
import type { DeployBody, PluginPorts, UploadBody } from './admin/admin-ports.ts'
import { BulkheadError, messageOf } from './base/errors.ts'
import { OneAtATime } from './base/one-at-a-time.ts'
import type { TenantConfig } from './config/broker-config.ts'
import type { Engine } from './engine/engine.ts'
import {
  type Deployment,
  Deployments,
  lastGood,
  nothingBefore,
  type PluginState,
} from './hosting/deployments.ts'
import { ShadowReport, type ShadowSummary } from './hooks/shadow-report.ts'
import { parsePublicKey } from './hosting/minisign.ts'
import { Probation } from './hosting/probation.ts'
import { type PluginVersion, requireName, Versions } from './hosting/versions.ts'
import { type Widening, widenings } from './hosting/widenings.ts'
import type { LiveTenants } from './live-tenants.ts'

/** What uploaded plugins need of the broker. */
export interface HostedPluginParts {
  readonly live: LiveTenants
  readonly engine: Pick<Engine<never, never>, 'documents' | 'blobs'>
  readonly host: () => PluginHost
  readonly log: {
    pluginUnusable(tenant: string, plugin: string, why: string): void
    deployed(tenant: string, plugin: string, version: string, digest: string, why: string): void
  }
}

/** A plugin as it is shown: what serves, what waits, and how it does. */
export interface ShownPlugin extends PluginState {
  /** Of the version that serves; undefined: none does. */
  readonly version?: string
  readonly state?: string
  /** What came of trying the candidate so far. */
  readonly shadow?: ShadowSummary
  /** What the candidate asks for beyond what serves. */
  readonly widenings?: readonly Widening[]
}

/**
 * Plugins that tenants upload and deploy by themselves. What serves is changed in one step, when what is new
 * is active; until then, and if that fails, what served goes on.
 */
export class HostedPlugins implements PluginPorts {
  readonly #parts: HostedPluginParts
  readonly #versions: Versions
  readonly #deployments: Deployments
  readonly #turns = new OneAtATime()
  readonly #probations = new Map<string, Probation>()
  readonly #shadows = new Map<string, ShadowReport>()

  constructor(parts: HostedPluginParts) {
    this.#parts = parts
    this.#versions = new Versions(parts.engine, {
      inspect: (name, upload, limits) => parts.host().inspect(name, upload, limits),
    })
    this.#deployments = new Deployments(parts.engine.documents)
  }

  /**
   * Lets serve what served before, of each tenant: at the start, before anybody can connect. What cannot be
   * loaded closes its tenant, as a plugin of the config does.
   */
  async restore(): Promise<void> {
    for (const { name } of this.#parts.live.configs) {
      const states = await this.#deployments.list(name)
      const deployed: PreparedPlugin[] = []
      for (const { plugin, serving } of states)
        if (serving !== null) deployed.push(await this.#prepareOrClose(name, plugin, serving))
      if (deployed.length > 0) await this.#parts.live.replace(name, deployed)
      for (const { plugin, candidate } of states)
        if (candidate?.state === 'shadow') await this.#tryAgain(name, plugin, candidate)
    }
  }

  /** Does what is to meet no change of the plugins of any of these tenants. */
  undisturbed<Result>(tenants: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const [tenant, ...rest] = tenants
    if (tenant === undefined) return work()
    // who asks is the operator, one at a time: however much a tenant lets wait, it holds up nobody but itself
    return this.#turns.run(lane(tenant), () => this.undisturbed(rest, work), Infinity)
  }

  /**
   * What was uploaded and serves in a tenant, as it is when the tenant is set so.
   *
   * @throws BulkheadError ERR_PLUGIN_…: one of them cannot be so; ERR_CONFLICT: the config has its name.
   */
  async deployed(config: TenantConfig): Promise<readonly PreparedPlugin[]> {
    const { name: tenant, plugins } = config
    const deployed: PreparedPlugin[] = []
    for (const { plugin, serving } of await this.#deployments.list(tenant)) {
      if (serving === null) continue
      if (plugins.some(({ name }) => name === plugin))
        throw new BulkheadError('ERR_CONFLICT', `tenant ${tenant} has uploaded a plugin ${plugin} already`)
      deployed.push(await this.#prepare(config, plugin, serving))
    }
    return deployed
  }

  stop(): void {
    for (const probation of this.#probations.values()) probation.stop()
  }

  /** Nothing of a tenant that is deleted is looked at any more. */
  forget(tenant: string): void {
    for (const [key, probation] of this.#probations) {
      if (!key.startsWith(`${tenant}/`)) continue
      probation.stop()
      this.#probations.delete(key)
    }
  }

  async list(tenant: string): Promise<readonly object[]> {
    const states = await this.#deployments.list(tenant)
    return states.map((state) => this.#shown(tenant, state))
  }

  async get(tenant: string, plugin: string): Promise<object | undefined> {
    const state = await this.#deployments.get(tenant, plugin)
    if (state !== undefined) return this.#shown(tenant, state)
    const versions = await this.#versions.list(tenant, plugin)
    return versions.length === 0 ? undefined : { plugin, serving: null, before: [], candidate: null }
  }

  versions(tenant: string, plugin: string): Promise<readonly PluginVersion[]> {
    return this.#versions.list(tenant, plugin)
  }

  upload(tenant: string, plugin: string, { bundle, minisig }: UploadBody): Promise<PluginVersion> {
    return this.#inTurn(tenant, plugin, () => {
      const { limits, signing } = this.#config(tenant)
      const trustedKeys = signing.trustedKeys.map(parsePublicKey)
      const terms = { limits, trustedKeys, requireSigned: signing.required }
      return this.#versions.upload(
        tenant,
        plugin,
        { bundle, ...(minisig === undefined ? {} : { minisig }) },
        terms,
      )
    })
  }

  deleteVersion(tenant: string, plugin: string, digest: string): Promise<void> {
    return this.#inTurn(tenant, plugin, async () => {
      const state = await this.#deployments.get(tenant, plugin)
      const needed = [state?.serving, state?.candidate, lastGood(state?.before ?? [])]
      if (needed.some((each) => each?.digest === digest))
        throw new BulkheadError(
          'ERR_PLUGIN_VERSION',
          `the version ${digest} serves, is tried, or is what a rollback needs`,
        )
      await this.#versions.delete(tenant, plugin, digest)
    })
  }

  deploy(tenant: string, plugin: string, wanted: DeployBody): Promise<ShownPlugin> {
    return this.#inTurn(tenant, plugin, async () => {
      const { digest, config = {}, consent } = wanted
      const asks = await this.#widenings(tenant, plugin, digest)
      if (asks.length > 0 && consent !== digest) {
        const state = await this.#deployments.propose(tenant, plugin, {
          digest,
          config,
          state: 'pending-consent',
        })
        return { ...this.#shown(tenant, state), widenings: asks }
      }
      if (wanted.mode === 'shadow') return this.#try(tenant, plugin, { digest, config })
      return this.#serve(tenant, plugin, { digest, config }, 'deployed')
    })
  }

  /** What is tried is not any more. */
  endShadow(tenant: string, plugin: string): Promise<ShownPlugin> {
    return this.#inTurn(tenant, plugin, async () => {
      const state = await this.#deployments.propose(tenant, plugin, null)
      this.#shadows.delete(keyOf(tenant, plugin))
      await this.#parts.live.endShadow(tenant)
      return this.#shown(tenant, state)
    })
  }

  promote(tenant: string, plugin: string): Promise<ShownPlugin> {
    return this.#inTurn(tenant, plugin, async () => {
      const candidate = (await this.#deployments.get(tenant, plugin))?.candidate
      if (candidate?.state !== 'shadow')
        throw new BulkheadError('ERR_DEPLOYMENT', `no version of the plugin ${plugin} is tried; deploy one`)
      return this.#serve(tenant, plugin, candidate, 'promoted')
    })
  }

  rollback(tenant: string, plugin: string): Promise<ShownPlugin> {
    return this.#inTurn(tenant, plugin, () => this.#rollBack(tenant, plugin, 'asked for'))
  }

  delete(tenant: string, plugin: string): Promise<void> {
    return this.#inTurn(tenant, plugin, async () => {
      requireName(plugin)
      this.#endProbation(tenant, plugin)
      const rest = this.#parts.live.prepared(tenant).filter(({ name }) => name !== plugin)
      const successor = await this.#parts.live.prepare(tenant, rest)
      await this.#deployments.remove(tenant, plugin)
      successor.takeOver()
      for (const { digest } of await this.#versions.list(tenant, plugin))
        await this.#versions.delete(tenant, plugin, digest)
    })
  }

  /** At the start: what cannot be tried any more is no reason not to serve. */
  async #tryAgain(tenant: string, plugin: string, candidate: Deployment): Promise<void> {
    try {
      await this.#try(tenant, plugin, candidate)
    } catch {
      await this.#deployments.propose(tenant, plugin, null)
    }
  }

  /** One at a time of each tenant: it costs a process. */
  async #try(tenant: string, plugin: string, deployment: Deployment): Promise<ShownPlugin> {
    const report = new ShadowReport()
    const prepared = await this.#prepare(this.#config(tenant), plugin, deployment)
    await this.#parts.live.shadow(tenant, prepared, report)
    for (const key of this.#shadows.keys()) if (key.startsWith(`${tenant}/`)) this.#shadows.delete(key)
    this.#shadows.set(keyOf(tenant, plugin), report)
    const state = await this.#deployments.propose(tenant, plugin, { ...deployment, state: 'shadow' })
    return this.#shown(tenant, state)
  }

  async #rollBack(tenant: string, plugin: string, why: string): Promise<ShownPlugin> {
    const state = await this.#deployments.get(tenant, plugin)
    const last = lastGood(state?.before ?? [])
    if (last === undefined) throw nothingBefore(plugin)
    const prepared = await this.#prepare(this.#config(tenant), plugin, last)
    const successor = await this.#parts.live.prepare(tenant, this.#with(tenant, prepared))
    const next = await this.#deployments.rollBack(tenant, plugin, why).catch(async (error: unknown) => {
      await successor.stop()
      throw error
    })
    successor.takeOver()
    this.#endProbation(tenant, plugin)
    this.#told(tenant, prepared, `rolled back: ${why}`)
    return this.#shown(tenant, next)
  }

  /** What is new is active before it is written down that it serves, and serves when that is safe. */
  async #serve(tenant: string, plugin: string, deployment: Deployment, why: string): Promise<ShownPlugin> {
    const prepared = await this.#prepare(this.#config(tenant), plugin, deployment)
    const successor = await this.#parts.live.prepare(tenant, this.#with(tenant, prepared))
    const state = await this.#deployments.serve(tenant, plugin, deployment).catch(async (error: unknown) => {
      await successor.stop()
      throw error
    })
    successor.takeOver()
    this.#told(tenant, prepared, why)
    this.#watch(tenant, plugin, state)
    return this.#shown(tenant, state)
  }

  /** Where something served before, what is new has to do no worse for a while. */
  #watch(tenant: string, plugin: string, { before }: PluginState): void {
    this.#endProbation(tenant, plugin)
    const handle = this.#parts.live.byName.get(tenant)?.hooks.plugins.find(({ name }) => name === plugin)
    if (handle === undefined || lastGood(before) === undefined) return
    const failed = (why: string): void => {
      const takeBack = this.#inTurn(tenant, plugin, () => this.#rollBack(tenant, plugin, why))
      // what serves goes on as badly as it does; its tenant finds that in the log
      takeBack.catch((error: unknown) => this.#parts.log.pluginUnusable(tenant, plugin, messageOf(error)))
    }
    this.#probations.set(keyOf(tenant, plugin), new Probation(handle, failed))
  }

  #endProbation(tenant: string, plugin: string): void {
    const key = keyOf(tenant, plugin)
    this.#probations.get(key)?.stop()
    this.#probations.delete(key)
  }

  async #widenings(tenant: string, plugin: string, digest: string): Promise<readonly Widening[]> {
    const { capabilities } = await this.#versions.manifest(tenant, plugin, digest)
    const serving = (await this.#deployments.get(tenant, plugin))?.serving
    const before = serving && (await this.#versions.manifest(tenant, plugin, serving.digest))
    return widenings(before?.capabilities ?? {}, capabilities)
  }

  /** @throws BulkheadError as PluginHost.prepare says. */
  async #prepare(
    { name: tenant, limits, allow }: TenantConfig,
    plugin: string,
    { digest, config }: Deployment,
  ): Promise<PreparedPlugin> {
    const bundle = await this.#versions.bundle(tenant, plugin, digest)
    return this.#parts.host().prepare({ name: plugin, path: plugin, bundle, options: config, allow }, limits)
  }

  /** One that cannot be loaded is there all the same, and denies. */
  async #prepareOrClose(tenant: string, plugin: string, deployment: Deployment): Promise<PreparedPlugin> {
    try {
      return await this.#prepare(this.#config(tenant), plugin, deployment)
    } catch (error) {
      this.#parts.log.pluginUnusable(tenant, plugin, messageOf(error))
      return { name: plugin, bundle: null, config: {}, capabilities: {}, secrets: {} }
    }
  }

  /** The tenant's plugins with this one in the place of the one of its name, or behind the others. */
  #with(tenant: string, prepared: PreparedPlugin): readonly PreparedPlugin[] {
    const all = [...this.#parts.live.prepared(tenant)]
    const place = all.findIndex(({ name }) => name === prepared.name)
    all.splice(place === -1 ? all.length : place, place === -1 ? 0 : 1, prepared)
    const { limits } = this.#config(tenant)
    if (all.length <= limits.plugins) return all
    throw new BulkheadError('ERR_DEPLOYMENT', `the tenant has ${limits.plugins} plugins already; delete one`)
  }

  #config(tenant: string): TenantConfig {
    const config = this.#parts.live.config(tenant)
    if (config === undefined)
      throw new BulkheadError('ERR_UNKNOWN', `there is no tenant ${JSON.stringify(tenant)}`)
    return config
  }

  /** A plugin of the config is the config's. */
  async #inTurn<Result>(tenant: string, plugin: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#config(tenant).plugins.some(({ name }) => name === plugin))
      throw new BulkheadError('ERR_CONFLICT', `the plugin ${plugin} belongs to the config; change it there`)
    // all plugins of a tenant are swapped together: so are they changed
    return this.#turns.run(lane(tenant), work)
  }

  #shown(tenant: string, state: PluginState): ShownPlugin {
    const handle = this.#parts.live.byName
      .get(tenant)
      ?.hooks.plugins.find(({ name }) => name === state.plugin)
    const report = this.#shadows.get(keyOf(tenant, state.plugin))
    const shadow =
      state.candidate?.state === 'shadow' && report !== undefined ? { shadow: report.summary } : {}
    return {
      ...state,
      ...shadow,
      ...(handle === undefined ? {} : { version: handle.version, state: handle.state }),
    }
  }

  #told(tenant: string, { name, bundle }: PreparedPlugin, why: string): void {
    this.#parts.log.deployed(tenant, name, bundle?.manifest.version ?? '', bundle?.sha256 ?? '', why)
  }
}

const lane = (tenant: string): string => `the plugins of ${tenant}`

function keyOf(tenant: string, plugin: string): string {
  return `${tenant}/${plugin}`
}
