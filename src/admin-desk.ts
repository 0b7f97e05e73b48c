import type { PluginHost } from '../sandbox/index.ts'
import { type AdminApp, buildAdminApp } from './admin/admin-app.ts'
import { type AdminListener, openAdminListener } from './admin/admin-listener.ts'
import type {
  AdminPorts,
  AuditedChange,
  ClientPorts,
  ExplainQuestion,
  RefusalFilter,
} from './admin/admin-ports.ts'
import { ADMIN } from './base/limits.ts'
import { ReasonCode } from './codec/reason-code.ts'
import type { BrokerConfig } from './config/broker-config.ts'
import type { ConfigInput } from './config/load-config.ts'
import type { Engine, StoredDocument } from './engine/engine.ts'
import { HostedAccess } from './hosted-access.ts'
import { HostedPlugins } from './hosted-plugins.ts'
import { HostedTenants } from './hosted-tenants.ts'
import { type ConfigReading, Reload, type ReloadReport } from './reload.ts'
import type { Sources } from './sources/open-sources.ts'
import { Tokens } from './hosting/tokens.ts'
import type { Instruments } from './instruments.ts'
import type { LiveTenants } from './live-tenants.ts'
import type { BrokerLog } from './observe/broker-log.ts'
import type { LogTails } from './observe/log-tail.ts'
import type { BrokerStatus } from './observe/health.ts'
import { PROMETHEUS_TEXT } from './observe/metrics.ts'
import type { TenantServices } from './protocol/plugin-services.ts'
import { isMalformedFilter } from './router/topic-filter.ts'

/** What is managed needs of the broker. */
export interface AdminDeskParts {
  readonly config: BrokerConfig
  readonly live: LiveTenants
  readonly engine: Pick<Engine<never, never>, 'documents' | 'blobs' | 'forget' | 'kv' | 'retained' | 'audit'>
  readonly reading: ConfigReading
  readonly sources: Pick<Sources, 'become'>
  readonly services: (tenant: string) => TenantServices | undefined
  readonly log: BrokerLog
  readonly tails: LogTails
  readonly broker: {
    readonly status: BrokerStatus
    readonly instruments: Pick<Instruments, 'usage' | 'metrics'>
    explain(tenant: string, asked: Omit<ExplainQuestion, 'tenant'>): ReturnType<AdminPorts['explain']>
    refusals(tenant: string, about: RefusalFilter): readonly object[] | undefined
  }
}

/** What is managed while the broker runs, tenants, plugins and tokens; and the API by which that is done. */
export class AdminDesk {
  readonly tenants: HostedTenants
  readonly plugins: HostedPlugins
  readonly access: HostedAccess
  readonly tokens: Tokens
  readonly #parts: AdminDeskParts
  readonly #reload: Reload
  #app: Promise<AdminApp> | null = null
  #listener: AdminListener | null = null
  #firstToken: string | undefined

  constructor(parts: AdminDeskParts) {
    this.#parts = parts
    const { live, engine, log, config, broker } = parts
    const host = (): PluginHost => live.host
    this.tokens = new Tokens(engine.documents)
    this.plugins = new HostedPlugins({ live, engine, host, log })
    this.access = new HostedAccess({
      live,
      engine,
      isOfConfig: (tenant) => !this.tenants.isHosted(tenant),
    })
    this.tenants = new HostedTenants({
      config,
      live,
      engine,
      plugins: this.plugins,
      forget: async (tenant) => {
        this.plugins.forget(tenant)
        await this.tokens.revokeAll(tenant)
        broker.instruments.usage.forget(tenant)
      },
      status: () => broker.status.tenants,
    })
    this.#reload = new Reload({ ...parts, host, tenants: this.tenants, plugins: this.plugins })
  }

  /** @throws BulkheadError whatever is wrong with the config; then nothing has changed. */
  async reload(isDry: boolean, input?: ConfigInput): Promise<ReloadReport> {
    const report = await this.#reload.run(isDry, input)
    if (report.isApplied && report.changes.length > 0)
      this.#record({ tenant: '', who: 'local', what: 'reload', from: '', status: 200, before: '', after: '' })
    return report
  }

  /** Where the API is served; undefined: nowhere but on the control socket. */
  get url(): string | undefined {
    return this.#listener?.url
  }

  /** The operator's first token, for whoever asks first; undefined: there was one before. */
  takeFirstToken(): string | undefined {
    const token = this.#firstToken
    this.#firstToken = undefined
    return token
  }

  /** @throws BulkheadError as HostedTenants.restore. */
  restore(documents: readonly StoredDocument[]): void {
    this.tenants.restore(documents)
  }

  /** Before anybody can connect: what served before the last stop serves again. */
  async goOn(): Promise<void> {
    await this.tenants.goOn()
    await this.access.restore()
    await this.plugins.restore()
  }

  /** @throws BulkheadError ERR_LISTEN */
  async listen(): Promise<void> {
    const { bind } = this.#parts.config.admin
    if (bind === undefined) return
    if ((await this.tokens.list(null)).length === 0) {
      const first = { name: 'first start', role: 'operator', tenant: null, expiresAt: null } as const
      this.#firstToken = (await this.tokens.create(first)).secret
    }
    this.#listener = await openAdminListener(bind, await this.app())
  }

  /** Made when somebody asks: most brokers are never managed so. */
  app(): Promise<AdminApp> {
    this.#app ??= buildAdminApp(this.#ports())
    return this.#app
  }

  async stop(): Promise<void> {
    this.plugins.stop()
    const listener = this.#listener
    this.#listener = null
    await listener?.close()
    await (await this.#app)?.close()
  }

  #ports(): AdminPorts {
    const { broker, engine, log } = this.#parts
    return {
      status: () => broker.status,
      usage: (tenant, from, to) => broker.instruments.usage.read(tenant, from.getTime(), to.getTime()),
      explain: ({ tenant, ...asked }) => broker.explain(tenant, asked),
      refusals: (tenant, about) => broker.refusals(tenant, about),
      metrics: () => broker.instruments.metrics.text(PROMETHEUS_TEXT),
      tokens: this.tokens,
      tenants: this.tenants,
      plugins: this.plugins,
      access: this.access,
      clients: this.#clients(),
      audit: (filter) => engine.audit.read(filter),
      tail: (tenant) => this.#parts.tails.open(tenant),
      record: (change) => this.#record(change),
      failed: (error) => log.adminFailed(error),
    }
  }

  #record({ tenant, who, what, from, status, before, after }: AuditedChange): void {
    const detail = `${who} from ${from}: ${status}${after === '' ? '' : `, after ${after}`}`
    const record = {
      at: Date.now(),
      tenant,
      plugin: '',
      digest: before,
      event: status < 400 ? 'admin.changed' : 'admin.refused',
      where: what,
      outcome: '',
      detail,
      count: 1,
    } as const
    this.#parts.engine.audit.append(record)
    this.#parts.log.audit(record)
  }

  #clients(): ClientPorts {
    const { services, live, engine } = this.#parts
    const none = Promise.resolve([])
    return {
      sessions: (tenant, after, limit) => services(tenant)?.view.sessions(after, limit) ?? none,
      session: (tenant, clientId) => services(tenant)?.view.session(clientId),
      subscriptions: (tenant, clientId, limit) =>
        services(tenant)?.view.subscriptionsOf(clientId, limit) ?? [],
      disconnect: (tenant, clientId) => {
        const peers = live.byName.get(tenant)?.peers ?? []
        for (const peer of peers) {
          if (peer.client?.clientId !== clientId) continue
          peer.end(ReasonCode.administrativeAction, 'server', peer.ownWords('disconnected by an operator'))
          return true
        }
        return false
      },
      retained: async (tenant, filter, limit) => {
        if (isMalformedFilter(filter)) return 'invalid'
        const found = (await services(tenant)?.view.retainedMatching(filter, limit, ADMIN.payloadBytes)) ?? []
        return found === 'busy' ? found : found.map(shownRetained)
      },
      deleteRetained: async (tenant, topic) => {
        const found = await services(tenant)?.view.retained(topic, -1)
        if (found === undefined || found.topic !== topic) return false
        engine.retained.clear(tenant, topic)
        live.byName.get(tenant)?.countRetained({ topic, bytes: 0 })
        return true
      },
      kv: (tenant, plugin, prefix, after) => engine.kv.list(tenant, plugin, prefix, after, ADMIN.page),
      deleteKv: async (tenant, plugin, key) => {
        if ((await engine.kv.get(tenant, plugin, key)) === undefined) return false
        await engine.kv.delete(tenant, plugin, key, undefined)
        return true
      },
    }
  }
}

function shownRetained({
  payload,
  ...rest
}: {
  readonly topic: string
  readonly qos: number
  readonly size: number
  readonly payload?: Uint8Array
}): object {
  return payload === undefined ? rest : { ...rest, payload64: Buffer.from(payload).toString('base64') }
}
