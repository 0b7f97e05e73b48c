import type { Token, TokenRequest } from '../hosting/tokens.ts'

/** What the admin API asks of the broker. Undefined: there is no such thing. */
export interface AdminPorts {
  readonly tokens: {
    create(request: TokenRequest): Promise<{ readonly token: Token; readonly secret: string }>
    list(tenant: string | null): Promise<readonly Token[]>
    find(secret: string): Promise<Token | undefined>
    revoke(tenant: string | null, id: string): Promise<boolean>
  }
  readonly tenants: TenantPorts
  readonly plugins: PluginPorts
  readonly access: AccessPorts
  readonly clients: ClientPorts
  /** Whether it serves its clients, and how much it has. */
  status(): { readonly ready: boolean; readonly reasons: readonly string[] }
  audit(filter: { readonly tenant?: string; readonly limit: number }): Promise<readonly object[]>
  /** Keeps who changed what. */
  record(change: AuditedChange): void
  usage(tenant: string, from: Date, to: Date): Promise<readonly object[]>
  /** `invalid`: the topic is none. */
  explain(question: ExplainQuestion): Promise<object | 'invalid' | undefined>
  refusals(tenant: string, about: RefusalFilter): readonly object[] | undefined
  metrics(): Promise<string>
  /** What happens to a tenant, as server-sent events; null: too many listen already. */
  tail(tenant: string): AsyncIterable<string> | null
  /** An error that is our own. */
  failed(error: unknown): void
}

/** Tenants of the config, and those made here. */
export interface TenantPorts {
  list(): readonly object[]
  get(tenant: string): { readonly state: object; readonly revision: number | undefined } | undefined
  /** @throws BulkheadError ERR_CONFLICT, ERR_CONFIG_INVALID, ERR_PLUGIN_… */
  create(tenant: string, settings: object): Promise<object>
  change(tenant: string, settings: object, ifRevision: number | undefined): Promise<object>
  /** Those that are named are others from now on; '' is the default. */
  setQuotas(tenant: string, quotas: Readonly<Record<string, unknown>>): Promise<object>
  suspend(tenant: string, isSuspended: boolean): Promise<object>
  delete(tenant: string): Promise<void>
}

/** A tenant's plugins: what was uploaded, and what serves. */
export interface PluginPorts {
  list(tenant: string): Promise<readonly object[]>
  versions(tenant: string, plugin: string): Promise<readonly object[]>
  upload(tenant: string, plugin: string, body: UploadBody): Promise<object>
  deleteVersion(tenant: string, plugin: string, digest: string): Promise<void>
  deploy(tenant: string, plugin: string, wanted: DeployBody): Promise<object>
  endShadow(tenant: string, plugin: string): Promise<object>
  promote(tenant: string, plugin: string): Promise<object>
  rollback(tenant: string, plugin: string): Promise<object>
  get(tenant: string, plugin: string): Promise<object | undefined>
  delete(tenant: string, plugin: string): Promise<void>
}

export interface UploadBody {
  /** The text of a `.bundle.json`. */
  readonly bundle: string
  readonly minisig?: string
}

export interface DeployBody {
  readonly digest: string
  readonly config?: Readonly<Record<string, unknown>>
  /** The digest whose powers are consented to. */
  readonly consent?: string
  readonly mode?: 'serve' | 'shadow'
}

/** Users and access rules of a tenant. */
export interface AccessPorts {
  users(tenant: string): Promise<readonly object[]>
  /** @throws BulkheadError ERR_CREDENTIAL, ERR_CONFLICT: the config has them. */
  setUser(tenant: string, user: string, password: string): Promise<void>
  /** @returns false: there is none. */
  deleteUser(tenant: string, user: string): Promise<boolean>
  rules(tenant: string): Promise<readonly string[]>
  setRules(tenant: string, lines: readonly string[]): Promise<void>
}

/** What is alive in a tenant. */
export interface ClientPorts {
  sessions(tenant: string, after: string | undefined, limit: number): Promise<readonly object[] | 'busy'>
  session(tenant: string, clientId: string): object | undefined
  /** @returns false: no such client is connected. */
  disconnect(tenant: string, clientId: string): boolean
  subscriptions(tenant: string, clientId: string, limit: number): readonly object[]
  retained(tenant: string, filter: string, limit: number): Promise<readonly object[] | 'busy' | 'invalid'>
  deleteRetained(tenant: string, topic: string): Promise<boolean>
  kv(tenant: string, plugin: string, prefix: string, after: string | undefined): Promise<readonly object[]>
  deleteKv(tenant: string, plugin: string, key: string): Promise<boolean>
}

export interface ExplainQuestion {
  readonly tenant: string
  readonly client: string
  readonly action: 'publish' | 'subscribe' | 'receive'
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

export interface RefusalFilter {
  readonly client?: string | undefined
  readonly action?: string | undefined
  readonly topic?: string | undefined
}

/** A change, or a try at one, as the audit keeps it. */
export interface AuditedChange {
  readonly tenant: string
  readonly who: string
  readonly what: string
  readonly from: string
  /** Of HTTP. */
  readonly status: number
  /** The digests of what was, and of what is; '' where there was nothing. */
  readonly before: string
  readonly after: string
}
