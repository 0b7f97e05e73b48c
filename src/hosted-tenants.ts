import type { TenantPorts } from './admin/admin-ports.ts'
import { BulkheadError } from './base/errors.ts'
import { OneAtATime } from './base/one-at-a-time.ts'
import type { BrokerConfig, TenantConfig } from './config/broker-config.ts'
import { buildHostedTenant } from './config/hosted-tenant.ts'
import type { Engine, StoredDocument } from './engine/engine.ts'
import { type BookedTenant, TenantBook } from './hosting/tenant-book.ts'
import type { HostedPlugins } from './hosted-plugins.ts'
import { type LiveTenants, opensAnew } from './live-tenants.ts'
import type { TenantStatus } from './observe/health.ts'

/** What tenants that are made at run time need of the broker. */
export interface HostedTenantParts {
  readonly config: BrokerConfig
  readonly live: LiveTenants
  readonly engine: Pick<Engine<never, never>, 'documents' | 'forget'>
  readonly plugins: Pick<HostedPlugins, 'deployed' | 'undisturbed'>
  /** Forgets whatever else is kept of a tenant under its name. */
  readonly forget: (tenant: string) => Promise<void>
  readonly status: () => readonly TenantStatus[]
}

/** Whether one can be reached depends on the others: all of them are changed one after the other. */
const LANE = 'the tenants'

const NO_PLUGINS = { prepared: [], failed: [] } as const

/**
 * Tenants that are made, changed, suspended and deleted while the broker serves the others. Those of the
 * config belong to the config: they are shown here, and changed there.
 */
export class HostedTenants implements TenantPorts {
  readonly #parts: HostedTenantParts
  readonly #book: TenantBook
  readonly #turns = new OneAtATime()

  constructor(parts: HostedTenantParts) {
    this.#parts = parts
    this.#book = new TenantBook(parts.engine.documents)
  }

  /**
   * Opens what the store has, before its sessions are put back: behind the config's tenants, without plugins.
   *
   * @throws BulkheadError ERR_STORE, ERR_CONFLICT, ERR_CONFIG_INVALID: it no longer fits this config.
   */
  restore(documents: readonly StoredDocument[]): void {
    this.#book.restore(documents)
    const { config } = this.#parts
    if (documents.length > 0 && config.admin.tenants === 'off')
      throw new BulkheadError('ERR_CONFLICT', `the store has tenants of its own, and admin.tenants is off`)
    for (const { name, settings } of this.#book.all) {
      this.#requireFree(name)
      this.#open(this.#build(name, settings))
    }
  }

  /** Goes on with what an earlier process was stopped amid. */
  async goOn(): Promise<void> {
    for (const { name, state } of this.#book.all) {
      if (state === 'deleting') await this.#delete(name)
      else await this.#parts.live.suspend(name, state === 'suspended')
    }
  }

  /** Whether it was made here, and is no tenant of the config. */
  isHosted(name: string): boolean {
    return this.#book.get(name) !== undefined
  }

  list(): readonly object[] {
    return this.#parts.live.configs.map(({ name }) => this.#shown(name))
  }

  get(name: string): { readonly state: object; readonly revision: number | undefined } | undefined {
    const config = this.#parts.live.config(name)
    if (config === undefined) return undefined
    const { match, anonymous, topicDefault, quotas } = config
    const settings = { match, anonymous, topicDefault, quotas: spoken(quotas) }
    return { state: { ...this.#shown(name), ...settings }, revision: this.#book.get(name)?.revision }
  }

  create(name: string, settings: object): Promise<object> {
    return this.#turns.run(LANE, async () => {
      if (this.#parts.config.admin.tenants === 'off')
        throw new BulkheadError(
          'ERR_CONFLICT',
          'this broker has the tenants of its config alone: admin.tenants is off',
        )
      this.#requireFree(name)
      const config = this.#build(name, settings)
      await this.#book.add(name, { ...settings })
      this.#open(config)
      return this.#shown(name)
    })
  }

  change(name: string, settings: object, ifRevision: number | undefined): Promise<object> {
    return this.#turns.run(LANE, () => this.#change(name, { ...settings }, ifRevision))
  }

  setQuotas(name: string, quotas: Readonly<Record<string, unknown>>): Promise<object> {
    return this.#turns.run(LANE, async () => {
      const { settings, revision } = this.#requireBooked(name)
      const known = settings['quotas'] as object | undefined
      const all = Object.entries({ ...known, ...quotas }).filter(([, quota]) => quota !== '')
      return this.#change(name, { ...settings, quotas: Object.fromEntries(all) }, revision)
    })
  }

  suspend(name: string, isSuspended: boolean): Promise<object> {
    return this.#turns.run(LANE, async () => {
      this.#requireBooked(name)
      await this.#book.change(name, { state: isSuspended ? 'suspended' : 'active' })
      await this.#parts.live.suspend(name, isSuspended)
      return this.#shown(name)
    })
  }

  delete(name: string): Promise<void> {
    return this.#turns.run(LANE, async () => {
      this.#requireBooked(name)
      await this.#book.change(name, { state: 'deleting' })
      await this.#delete(name)
    })
  }

  async #change(
    name: string,
    settings: BookedTenant['settings'],
    ifRevision: number | undefined,
  ): Promise<object> {
    const known = this.#requireBooked(name)
    const { live, plugins } = this.#parts
    const config = this.#build(name, settings)
    const before = live.config(name)
    await plugins.undisturbed([name], async () => {
      // what plugins are bound by is theirs from their beginning: others are opened, and take over
      const successor =
        before !== undefined && opensAnew(before, config)
          ? await live.prepare(name, await plugins.deployed(config), config)
          : null
      try {
        await this.#book.change(name, { settings: { ...settings } }, ifRevision ?? known.revision)
      } catch (error) {
        await successor?.stop()
        throw error
      }
      live.become(config)
      successor?.takeOver()
    })
    return this.#shown(name)
  }

  /** Does what is to meet no change of the tenants that there are. */
  undisturbed<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#turns.run(LANE, work)
  }

  /** Each step may be done once more: what was cut short goes on at the next start. */
  async #delete(name: string): Promise<void> {
    const { live, engine, plugins, forget } = this.#parts
    await plugins.undisturbed([name], async () => {
      await live.close(name)
      await forget(name)
      await engine.forget(name)
      await this.#book.remove(name)
    })
  }

  #build(name: string, settings: unknown): TenantConfig {
    const { config, live } = this.#parts
    const others = live.configs.filter((each) => each.name !== name)
    const built = buildHostedTenant(config, others, name, settings)
    // its users are kept beside its settings
    return { ...built, builtin: live.config(name)?.builtin }
  }

  #open(config: TenantConfig): void {
    this.#parts.live.add(config, NO_PLUGINS)
  }

  /**
   * Whether tenants that were made at run time can be behind these.
   *
   * @throws BulkheadError ERR_CONFLICT: one has the same name; ERR_CONFIG_INVALID: one is out of reach.
   */
  check(config: BrokerConfig): void {
    const before = [...config.tenants]
    for (const { name, settings } of this.#book.all) {
      const same = config.tenants.find((tenant) => tenant.name === name)
      if (same !== undefined)
        throw new BulkheadError('ERR_CONFLICT', `${same.origin}: the tenant ${name} was made by the API`)
      before.push(buildHostedTenant(config, before, name, settings))
    }
  }

  #requireFree(name: string): void {
    if (this.#parts.live.isWithdrawn(name) || this.#parts.live.isLeft(name))
      throw new BulkheadError(
        'ERR_CONFLICT',
        `the config had a tenant ${name}, and what it has is still here`,
      )
    if (this.#parts.live.config(name) === undefined) return
    throw new BulkheadError('ERR_CONFLICT', `there is a tenant ${name} already${this.#whose(name)}`)
  }

  #requireBooked(name: string): BookedTenant {
    const known = this.#book.get(name)
    if (known !== undefined) return known
    if (this.#parts.live.config(name) === undefined)
      throw new BulkheadError('ERR_UNKNOWN', `there is no tenant ${JSON.stringify(name)}`)
    throw new BulkheadError(
      'ERR_CONFLICT',
      `the tenant ${name} belongs to the config${this.#whose(name)}; change it there`,
    )
  }

  #whose(name: string): string {
    const origin = this.#parts.live.config(name)?.origin
    return origin === undefined ? '' : ` (${origin})`
  }

  #shown(name: string): object {
    const { live, status } = this.#parts
    const booked = this.#book.get(name)
    const plugins = live.byName.get(name)?.hooks.plugins ?? []
    return {
      name,
      from: booked === undefined ? 'config' : 'api',
      state: booked?.state ?? 'active',
      ...status().find(({ tenant }) => tenant === name),
      plugins: plugins.map(({ name: plugin, version, state }) => ({ plugin, version, state })),
    }
  }
}

/** JSON has no Infinity. */
function spoken(quotas: TenantConfig['quotas']): Readonly<Record<string, number | 'unlimited'>> {
  return Object.fromEntries(
    Object.entries(quotas).map(([name, quota]) => [name, Number.isFinite(quota) ? quota : 'unlimited']),
  )
}
