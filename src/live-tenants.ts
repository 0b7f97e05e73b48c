import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { PluginHandle, PluginHost, PreparedPlugin, TenantPlugins } from '../sandbox/index.ts'
import { emptied } from './base/emptied.ts'
import { BulkheadError, messageOf } from './base/errors.ts'
import { shadowName } from './base/shadow-name.ts'
import { RETIRE_MS, STOP_GRACE_MS } from './base/limits.ts'
import type { WorkTurns } from './base/work-turns.ts'
import { ReasonCode } from './codec/reason-code.ts'
import type { BrokerConfig, BuiltinConfig, TenantConfig } from './config/broker-config.ts'
import { tenantSpec } from './config/tenant-view.ts'
import { PluginRetry } from './hooks/plugin-retry.ts'
import { type PreparedPlugins, preparePlugins } from './hooks/prepare-plugins.ts'
import { BuiltinVoter } from './hooks/builtin-voter.ts'
import { FailedLogins } from './hooks/failed-logins.ts'
import { ShadowedPlugins } from './hooks/shadowed-plugins.ts'
import type { ShadowReport } from './hooks/shadow-report.ts'
import { TenantHooks } from './hooks/tenant-hooks.ts'
import { WithBuiltin } from './hooks/with-builtin.ts'
import type { BrokerLog } from './observe/broker-log.ts'
import { type BrokerTenant, type Hearers, tenantObserver } from './observers.ts'
import { Tenant } from './tenants/tenant.ts'

/** What the tenants of a broker have in common. */
export interface LiveTenantParts {
  readonly config: BrokerConfig
  readonly log: Pick<BrokerLog, 'pluginUnusable'>
  readonly hearers: Hearers
  readonly turns: WorkTurns
}

/** A tenant's plugins that are open beside those that serve it, and do well. */
export interface Successor {
  readonly hooks: TenantHooks
  /** They serve from now on; those of before finish what they were asked. */
  takeOver(): void
  /** They are not wanted after all. */
  stop(): Promise<void>
}

/**
 * The tenants that the broker serves, in the order in which connections are matched. Each is opened, has its
 * plugins replaced, and is closed without any other noticing.
 */
export class LiveTenants {
  readonly byName: Map<string, BrokerTenant>
  /** Why a plugin could not be built or probed, by `tenant/plugin`. */
  readonly unusable: Map<string, string> = new Map()
  readonly #parts: LiveTenantParts
  readonly #retries = new Map<string, PluginRetry>()
  readonly #prepared = new Map<string, readonly PreparedPlugin[]>()
  readonly #suspended = new Set<string>()
  /** Its plugins as they serve, without what is in their shadow. */
  readonly #live = new Map<string, TenantPlugins>()
  readonly #shadows = new Map<string, TenantPlugins>()
  readonly #left = new Set<string>()
  /** Those that the config has no more: what they have waits for them. */
  readonly #withdrawn = new Map<string, BrokerTenant>()
  readonly #failedLogins = new FailedLogins()
  #configs: readonly TenantConfig[] = []
  #host: PluginHost | null = null
  #isStopped = false

  constructor(parts: LiveTenantParts, byName: Map<string, BrokerTenant>) {
    this.#parts = parts
    this.byName = byName
  }

  /** In match order; another array whenever a tenant comes or goes. */
  get configs(): readonly TenantConfig[] {
    return this.#configs
  }

  /** Undefined: there is no such tenant, or it is suspended. */
  open(name: string): BrokerTenant | undefined {
    return this.#suspended.has(name) ? undefined : this.byName.get(name)
  }

  /** Its plugins as they serve now, ready to be opened again. */
  prepared(name: string): readonly PreparedPlugin[] {
    return this.#prepared.get(name) ?? []
  }

  /** Whoever comes to a suspended tenant is let in nowhere; who is there is sent away. */
  async suspend(name: string, isSuspended: boolean): Promise<void> {
    if (isSuspended) this.#suspended.add(name)
    else this.#suspended.delete(name)
    this.#configs = [...this.#configs]
    if (isSuspended) await this.#disconnect(name)
  }

  /** What is set of a tenant is another; its clients and plugins stay. */
  become(config: TenantConfig): void {
    this.#configs = this.#configs.map((known) => (known.name === config.name ? config : known))
    this.byName.get(config.name)?.become(config)
  }

  /** Its own users and access rules are others; the plugins stay. */
  setBuiltin(name: string, builtin: BuiltinConfig | undefined): void {
    const [config, realm, live] = [this.config(name), this.byName.get(name), this.#live.get(name)]
    if (config === undefined || realm === undefined || live === undefined) return
    const next = { ...config, builtin }
    this.become(next)
    // what is tried beside is tried anew by whoever wants to
    void this.endShadow(name)
    this.#takeOver(realm, this.#hooksOf(next, live))
  }

  config(name: string): TenantConfig | undefined {
    return this.#configs.find((tenant) => tenant.name === name)
  }

  /** @throws BulkheadError ERR_STOPPED: there is none yet. */
  get host(): PluginHost {
    if (this.#host === null) throw new BulkheadError('ERR_STOPPED', 'the broker has not started')
    return this.#host
  }

  /** @param host which opens their plugins. */
  begin(host: PluginHost): void {
    this.#host = host
  }

  /** Nothing is opened or tried again from now on. */
  stop(): void {
    this.#isStopped = true
    for (const retry of this.#retries.values()) retry.stop()
  }

  /** Opens a tenant behind those that are there. */
  add(config: TenantConfig, plugins: PreparedPlugins): void {
    const { hearers, turns } = this.#parts
    const hooks = this.#openHooks(config, plugins.prepared)
    const before = this.#withdrawn.get(config.name)
    this.#withdrawn.delete(config.name)
    if (before !== undefined) {
      hooks.succeed(before.hooks)
      before.hooks = hooks
      before.become(config)
    }
    this.byName.set(
      config.name,
      before ?? new Tenant(config, hooks, tenantObserver(hearers, config.name), turns),
    )
    this.#configs = [...this.#configs, config]
    this.#prepared.set(config.name, plugins.prepared)
    if (plugins.failed.length === 0) return
    for (const { name, error } of plugins.failed) {
      this.unusable.set(`${config.name}/${name}`, error.message)
      this.#parts.log.pluginUnusable(config.name, name, error.message)
    }
    this.#retries.set(config.name, new PluginRetry(() => this.#reopen(config)))
  }

  /**
   * Opens another version of a plugin in the shadow of the one that serves, and waits until it is active. It
   * ends when any plugin of the tenant is replaced.
   *
   * @throws BulkheadError ERR_PLUGIN_LOAD, ERR_STOPPED, ERR_DEPLOYMENT: nothing of the plugin serves.
   */
  async shadow(name: string, tried: PreparedPlugin, report: ShadowReport): Promise<void> {
    const [config, realm, serving] = [this.config(name), this.byName.get(name), this.#live.get(name)]
    if (config === undefined || realm === undefined || serving === undefined)
      throw new BulkheadError('ERR_STOPPED', `tenant ${name} is not served any more`)
    if (!serving.plugins.some((plugin) => plugin.name === tried.name))
      throw new BulkheadError(
        'ERR_DEPLOYMENT',
        `nothing of ${tried.name} serves, so it has no shadow; deploy it`,
      )
    const shadow = this.#openPlugins(config, [tried], shadowName(name))
    await activated(shadow)
    await this.endShadow(name)
    this.#shadows.set(name, shadow)
    this.#takeOver(
      realm,
      this.#hooksOf(config, new ShadowedPlugins(serving, shadow.plugins[0] as PluginHandle, report)),
    )
  }

  /** Nothing of the tenant is tried any more. */
  async endShadow(name: string): Promise<void> {
    const shadow = this.#shadows.get(name)
    const [config, realm, serving] = [this.config(name), this.byName.get(name), this.#live.get(name)]
    if (shadow === undefined) return
    this.#shadows.delete(name)
    if (config !== undefined && realm !== undefined && serving !== undefined)
      this.#takeOver(realm, this.#hooksOf(config, serving))
    await shadow.stop()
  }

  /**
   * Lets further plugins serve at the start, when nobody is there yet: they are not waited for, and what
   * cannot be loaded denies.
   */
  async replace(name: string, further: readonly PreparedPlugin[]): Promise<void> {
    const [config, realm] = [this.config(name), this.byName.get(name)]
    if (config === undefined || realm === undefined) return
    const plugins = [...this.prepared(name), ...further]
    await realm.hooks.stop()
    this.#takeOver(realm, this.#openHooks(config, plugins))
    this.#prepared.set(name, plugins)
  }

  /**
   * Opens other plugins beside a tenant's own, and waits until they are active.
   *
   * @param as how the tenant is to be set when they serve; default: as it is.
   * @throws BulkheadError ERR_PLUGIN_LOAD: one of them is not; ERR_STOPPED
   */
  async prepare(
    name: string,
    plugins: readonly PreparedPlugin[],
    as: TenantConfig | undefined = this.config(name),
  ): Promise<Successor> {
    const realm = this.byName.get(name)
    if (as === undefined || realm === undefined || this.#isStopped)
      throw new BulkheadError('ERR_STOPPED', `tenant ${name} is not served any more`)
    const live = this.#openPlugins(as, plugins)
    const hooks = this.#hooksOf(as, live)
    await activated(live)
    return {
      hooks,
      takeOver: () => {
        const before = realm.hooks
        this.#takeOver(realm, hooks)
        this.#live.set(name, live)
        this.#prepared.set(name, plugins)
        void this.endShadow(name)
        this.#retries.get(name)?.stop()
        this.#retries.delete(name)
        for (const { name: plugin } of hooks.plugins) this.unusable.delete(`${name}/${plugin}`)
        void retire(before)
      },
      stop: () => hooks.stop(),
    }
  }

  /** Tenants are matched in this order from now on. */
  arrange(names: readonly string[]): void {
    const place = ({ name }: TenantConfig): number => names.indexOf(name)
    this.#configs = this.#configs.toSorted((one, other) => place(one) - place(other))
  }

  /** Closes a tenant that the config has no more; all that it has stays, for when it is there again. */
  async withdraw(name: string): Promise<void> {
    const realm = this.byName.get(name)
    await this.close(name)
    if (realm !== undefined) this.#withdrawn.set(name, realm)
  }

  isWithdrawn(name: string): boolean {
    return this.#withdrawn.has(name)
  }

  /** The store had sessions of it at the start, when it was no tenant: only a start puts them back. */
  leave(name: string): void {
    this.#left.add(name)
  }

  isLeft(name: string): boolean {
    return this.#left.has(name)
  }

  /** Closes a tenant: nobody finds it any more, its clients are sent away, its plugins end. */
  async close(name: string): Promise<void> {
    const realm = this.byName.get(name)
    if (realm === undefined) return
    // from here on nobody comes to it
    this.#configs = this.#configs.filter((config) => config.name !== name)
    this.#retries.get(name)?.stop()
    this.#retries.delete(name)
    await this.#disconnect(name)
    await this.endShadow(name)
    await realm.hooks.stop()
    this.byName.delete(name)
    this.#live.delete(name)
    this.#prepared.delete(name)
    this.#suspended.delete(name)
  }

  async #disconnect(name: string): Promise<void> {
    const peers = this.byName.get(name)?.peers
    if (peers === undefined) return
    for (const peer of peers)
      peer.end(
        ReasonCode.administrativeAction,
        'server',
        peer.ownWords('the tenant was suspended or deleted'),
      )
    await emptied(peers, STOP_GRACE_MS)
    for (const peer of peers) peer.connection.destroy()
  }

  /** @param as under which name they run. */
  #openPlugins(
    config: TenantConfig,
    plugins: readonly PreparedPlugin[],
    as: string = config.name,
  ): TenantPlugins {
    return this.host.openTenant({ ...tenantSpec(this.#parts.config, config, plugins), tenant: as })
  }

  #openHooks(config: TenantConfig, plugins: readonly PreparedPlugin[]): TenantHooks {
    const live = this.#openPlugins(config, plugins)
    this.#live.set(config.name, live)
    return this.#hooksOf(config, live)
  }

  #takeOver(realm: BrokerTenant, hooks: TenantHooks): void {
    hooks.succeed(realm.hooks)
    realm.hooks = hooks
  }

  #hooksOf(config: TenantConfig, live: TenantPlugins): TenantHooks {
    const { builtin } = config
    return new TenantHooks(builtin === undefined ? live : this.#withBuiltin(config, builtin, live), {
      onFault: Object.fromEntries(config.plugins.map((plugin) => [plugin.name, plugin.onFault])),
      payloadBytes: config.limits.payloadKiB * 1024,
      topicDefault: config.topicDefault,
      rulesOf: builtin?.acl && ((username) => builtin.acl?.rulesOf(username) ?? []),
    })
  }

  #withBuiltin(config: TenantConfig, { passwords }: BuiltinConfig, live: TenantPlugins): WithBuiltin {
    const hasOthers = live.plugins.some(({ hooks }) => hooks.has('authenticate'))
    const { name: tenant, anonymous } = config
    const logins = passwords === undefined ? null : { tenant, passwords, anonymous, hasOthers }
    return new WithBuiltin(live, new BuiltinVoter(logins, this.#failedLogins))
  }

  /**
   * A plugin that did not build is tried again: its author may have mended it, or the machine has room now.
   */
  async #reopen(config: TenantConfig): Promise<boolean> {
    const realm = this.byName.get(config.name)
    if (realm === undefined || this.#host === null) return true
    let plugins: PreparedPlugins
    try {
      plugins = await preparePlugins(this.#host, config.plugins, config.limits)
    } catch (error) {
      // its options may no longer fit what its author made of it
      const names = config.plugins.map(({ name }) => name).join(', ')
      this.#parts.log.pluginUnusable(config.name, names, messageOf(error))
      return false
    }
    if (plugins.failed.length > 0) return false
    // until the new ones are there, the old ones answer `stopped`: the tenant stays closed
    await realm.hooks.stop()
    // a broker that was stopped meanwhile opens nothing any more
    if (this.#isStopped) return true
    this.#takeOver(realm, this.#openHooks(config, plugins.prepared))
    this.#prepared.set(config.name, plugins.prepared)
    for (const { name } of config.plugins) this.unusable.delete(`${config.name}/${name}`)
    return true
  }
}

/** Whether plugins of a tenant must be opened anew for what is set differently to hold for them. */
export function opensAnew(before: TenantConfig, after: TenantConfig): boolean {
  // files of users and of rules were read anew: whether they say the same is not looked into
  return (
    before.builtin !== after.builtin || !isDeepStrictEqual(boundsOfPlugins(before), boundsOfPlugins(after))
  )
}

function boundsOfPlugins({ allow, limits, jit, topicDefault, plugins }: TenantConfig): object {
  return { allow, limits, jit, topicDefault, onFault: plugins.map(({ name, onFault }) => [name, onFault]) }
}

/**
 * Waits until plugins that nobody has asked yet are active; else ends them.
 *
 * @throws BulkheadError ERR_PLUGIN_LOAD
 */
async function activated(live: TenantPlugins): Promise<void> {
  live.wake()
  await live.settled()
  const broken = live.plugins.find(({ state }) => state === 'failed' || state === 'stopped')
  if (broken === undefined) return
  await live.stop()
  throw new BulkheadError('ERR_PLUGIN_LOAD', `plugin ${broken.name} does not activate; its log says why`)
}

/** Plugins that were replaced finish what they were asked before, if that takes no longer than it may. */
async function retire(hooks: TenantHooks): Promise<void> {
  const until = performance.now() + RETIRE_MS.most
  while (!hooks.plugins.every((plugin) => plugin.isIdle) && performance.now() < until)
    await pause(RETIRE_MS.look, undefined, { ref: false })
  await hooks.stop()
}
