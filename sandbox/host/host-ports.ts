import type { Bundle } from '../bundle/bundle-format.ts'
import type { SandboxLimits } from '../limits.ts'
import type { CapabilityName, CapabilityRequest } from '../manifest/manifest.ts'
import type { Outcome } from '../outcome.ts'
import type { BrokerConfig } from '../sdk/broker-config.ts'
import type { AskerName, HookName, TellerName } from '../sdk/hooks.ts'
import type {
  AccessDropped,
  KvWritten,
  Publication,
  RetainedInfo,
  SessionInfo,
  SubscriptionInfo,
} from '../sdk/powers.ts'
import type { BundleSource, Upload } from './bundle-source.ts'
import type { Egress } from './capabilities/egress.ts'
import type { CellCounts, PluginCounts } from './counts.ts'
import type { CheckedVerdict } from './questions/checked-verdict.ts'
import type { DirectoryPort, QueryPort } from './source-ports.ts'

/** A plugin ready to be activated: built, probed, its options checked and completed with defaults. */
export interface PreparedPlugin {
  /** The name in the operator's config: unique in its tenant, and what logs and errors say. */
  readonly name: string
  /**
   * `null`: it did not build or probe. It stays declared for every security hook, so its tenant is closed.
   */
  readonly bundle: Bundle | null
  readonly config: Readonly<Record<string, unknown>>
  readonly capabilities: Readonly<Partial<Record<CapabilityName, CapabilityRequest>>>
  /** By name: what the host puts in where the plugin names it. Never crosses the wall. */
  readonly secrets: Readonly<Record<string, string>>
  /** How long its own questions may wait for the host. Default: as long as its tenant's. */
  readonly waitMs?: PluginWaits
  /** Questions that the operator puts to others alone, whatever the plugin declares. Default: none. */
  readonly unasked?: readonly AskerName[]
}

/** What one plugin says of `waitMs`; its tenant's limits are the maximum of both. */
export type PluginWaits = Readonly<Partial<SandboxLimits['waitMs']>>

/** What the host needs of one tenant. */
export interface TenantSpec {
  readonly tenant: string
  readonly plugins: readonly PreparedPlugin[]
  readonly limits: SandboxLimits
  readonly jit: boolean
  /** What plugins with the capability `brokerConfig` see of the config. Default: as of no broker. */
  readonly brokerConfig?: BrokerConfig
}

/**
 * Who a question is about (an MQTT client). Its JSON crosses once per isolate, questions name it by number.
 * The JSON must never change; a client whose identity changes gets a new subject.
 */
export interface Subject {
  readonly ref: number
  readonly json: string
  /** Whose strikes its questions are: the principal, else the address. */
  readonly source: string
  /** The client is gone: every isolate that knows it forgets it. */
  release(): void
}

/**
 * Waits for answers. One object may wait for several plugins; `slot` tells them apart. No promise, no
 * closure.
 */
export interface Asker {
  /** Asked to be explained: what the plugin publishes or counts meanwhile does not happen. */
  readonly isTrial?: boolean
  /** Called exactly once for each accepted question. `verdict` is there if and only if `outcome` is `ok`. */
  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void
}

/** Where a question comes from, beside its subject. */
export interface Origin {
  /**
   * Whose strikes it is, where that is not its subject: the address of who is not known yet, the publisher of
   * what others receive.
   */
  readonly source?: string
  /** How many plugins' publishes led to it. */
  readonly hops?: number
}

/** A live plugin of one tenant. */
export interface PluginHandle {
  readonly name: string
  readonly version: string
  readonly hooks: ReadonlySet<HookName>
  readonly capabilities: PreparedPlugin['capabilities']
  readonly counts: PluginCounts
  /**
   * `asleep`: its cell starts with the first question. `failed`: it does not activate, and is tried again.
   * `quarantined`: too many faults; every question is answered so, until it is released.
   */
  readonly state: 'asleep' | 'loading' | 'active' | 'failed' | 'quarantined' | 'stopped'
  /** Something of it waits: for its isolate, or in there for what it asked of the host. */
  readonly isWaiting: boolean
  /** It was given all that it was asked and told, and waits for nothing. */
  readonly isIdle: boolean
  /**
   * Puts a question into this turn's frame.
   *
   * @param event the event as JSON text of an object, without `client`: the guest adds the subject under that
   * name. Bytes travel as base64 under `payload64`, `password64`, `authData64`; the guest makes `payload`
   * of them. A full queue, a blocked source, a failed, quarantined or stopped plugin answer at once, in this
   * call.
   */
  ask(
    hook: AskerName,
    subject: Subject | null,
    event: string,
    asker: Asker,
    slot: number,
    origin?: Origin,
  ): void
  /**
   * Asks `authorizePublish` about a message that has nothing but a topic and two flags: what is asked most
   * crosses in the fewest bytes.
   *
   * @param topic as JSON text.
   */
  askPublish(
    subject: Subject,
    topic: string,
    qos: 0 | 1 | 2,
    retain: boolean,
    asker: Asker,
    slot: number,
  ): void
  /** Tells; never waits, never fails. Past the queue's bound the oldest is dropped and counted. */
  tell(hook: TellerName, subject: Subject | null, event: string, origin?: Origin): void
  /** So many tellers were not even made, for want of time: they count as dropped. */
  leaveUntold(count: number): void
}

/** Where a tenant's cell is: `starting` while it waits for a place, too. */
export type CellStatus = 'asleep' | 'starting' | 'ready' | 'closing'

/** The plugins of one tenant, in the declared order, and their cell. */
export interface TenantPlugins {
  readonly tenant: string
  readonly plugins: readonly PluginHandle[]
  /** The cell's process, or undefined while none runs. For doctor, tests and metrics. */
  readonly pid: number | undefined
  readonly cell: CellStatus
  /** What its cells have used of the processor, in ms, as far as that was looked at. */
  readonly cpuMs: number
  /** Looks at it now; by itself that happens while the cell is busy. */
  measure(): void
  /** True while the question queue is above its high-water mark: stop reading this tenant's sockets. */
  readonly congested: boolean
  /** Starts the cell without a question: for whoever wants to know whether the plugins activate. */
  wake(): void
  /** Resolves when no plugin is about to be active: after {@link wake}, all are active or failed. */
  settled(): Promise<void>
  /** Answers what waits with `stopped`, tells `onClose`, ends the cell. */
  stop(): Promise<void>
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A message that a plugin publishes, checked: within its grant, its sizes and the rules of topic names. */
export interface PluginPublication {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly properties: NonNullable<Publication['properties']>
  /** How many plugins' publishes led to this one, itself included: from 1. */
  readonly hops: number
}

/** How a write of the key-value store ended; `full`: it would be above the byte quota. */
export type KvOutcome = KvWritten | 'full'

/**
 * A plugin's own store; values are JSON text. Keys and values are of legal size. What is over the quota is
 * refused by who keeps it: only it can count.
 */
export interface KvPort {
  get(tenant: string, plugin: string, key: string): Promise<StoredValue | undefined>
  /** @param ifVersion undefined: whatever is there. */
  set(
    tenant: string,
    plugin: string,
    key: string,
    value: string,
    ifVersion: number | undefined,
    quota: KvQuota,
  ): Promise<KvOutcome>
  delete(tenant: string, plugin: string, key: string, ifVersion: number | undefined): Promise<KvWritten>
  list(
    tenant: string,
    plugin: string,
    prefix: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly StoredValue[]>
}

export interface StoredValue {
  readonly key: string
  readonly value: string
  readonly version: number
}

/** Bytes of keys and values together. */
export interface KvQuota {
  readonly pluginBytes: number
  readonly tenantBytes: number
}

/** Too much of the tenant's waits already: what reads or changes much is done a little a turn. */
export type Busy = 'busy'

/** What the broker does for powers. Whatever is left out makes its capability a load error. */
export interface PowerPorts {
  /** The way out for `fetch`. Default: the public internet. */
  readonly egress?: Egress
  readonly kv?: KvPort
  /**
   * Authorised by the tenant's other plugins, as the principal `plugin:NAME`; never waits. False: the
   * tenant's rate, or what may be asked about at once, is used up, and nothing was published.
   */
  publish?(tenant: string, plugin: string, publication: PluginPublication): boolean
  readonly sessions?: {
    get(tenant: string, clientId: string): SessionInfo | undefined
    list(tenant: string, after: string | undefined, limit: number): Promise<readonly SessionInfo[] | Busy>
  }
  readonly retained?: {
    /** `payload` is for reading alone, absent above `payloadBytes`; below 0 there is none. */
    get(tenant: string, topic: string, payloadBytes: number): Promise<RetainedInfo | undefined>
    list(
      tenant: string,
      filter: string,
      limit: number,
      payloadBytes: number,
    ): Promise<readonly RetainedInfo[] | Busy>
  }
  readonly subscriptions?: {
    ofClient(tenant: string, clientId: string, limit: number): readonly SubscriptionInfo[]
    matching(tenant: string, topic: string, limit: number): Promise<readonly SubscriptionInfo[] | Busy>
  }
  /** Null: there is no such session. `denied`: another plugin, or a quota, does not allow it. */
  subscribe?(
    tenant: string,
    plugin: string,
    clientId: string,
    filter: string,
    qos: 0 | 1 | 2,
  ): Promise<{ readonly qos: 0 | 1 | 2 } | 'denied' | Busy | null>
  readonly access?: {
    /** Drops what the plugin has said of clients, and has their subscriptions asked about again. */
    invalidate(
      tenant: string,
      plugin: string,
      what: { readonly clientId: string } | { readonly tag: string },
    ): Promise<AccessDropped | Busy>
  }
  readonly query?: QueryPort
  readonly ldap?: DirectoryPort
  metric?(tenant: string, plugin: string, kind: 'count' | 'gauge', name: string, value: number): void
}

/**
 * Where a plugin failed. `resume`: it went on with what a power had come to, and nobody waited for it any
 * more.
 */
export type FaultPlace = HookName | 'load' | 'timer' | 'resume'

/** One line of the audit: who did, or was refused, what. No payloads, no secrets; texts are bounded. */
export interface AuditRecord {
  /** In ms since the epoch. */
  readonly at: number
  readonly tenant: string
  readonly plugin: string
  /** Of the bundle: hex of its sha256; '' where there is none. */
  readonly digest: string
  readonly event:
    | 'fault'
    | 'condemned'
    | 'blocked'
    | 'quarantined'
    | 'released'
    /** Its isolate was made anew, because its heap was nearly full. */
    | 'renewed'
    | 'capability.denied'
    /** A verdict that the plugin wants to be found here. */
    | 'decision'
  /** A {@link FaultPlace}, or the capability's name. */
  readonly where: string
  /** The outcome of a call that did not end well, else ''. */
  readonly outcome: Outcome | ''
  /** The plugin's own text may be in it: escape it. */
  readonly detail: string
  /** How many alike this line stands for. */
  readonly count: number
}

/** What the host tells the broker. All calls are synchronous and must not throw. */
export interface HostObserver {
  /**
   * A plugin's own line, already capped and budgeted; text is still the plugin's, so the log must escape it.
   */
  pluginLog(
    tenant: string,
    plugin: string,
    level: LogLevel,
    text: string,
    fields: Readonly<Record<string, unknown>> | undefined,
  ): void
  /**
   * A call that did not end in `ok`. `detail` is bounded; positions in it are mapped to the plugin's source.
   */
  pluginFaulted(tenant: string, plugin: string, hook: FaultPlace, outcome: Outcome, detail: string): void
  /**
   * A power has failed while this plugin used it, which is the broker's fault and not the plugin's. `detail`
   * is bounded; text of the plugin's may be in it.
   */
  powerBroke(tenant: string, plugin: string, power: string, detail: string): void
  pluginState(tenant: string, plugin: string, state: PluginHandle['state'], detail: string): void
  cellStarted(tenant: string, pid: number, readyMs: number): void
  cellEnded(tenant: string, pid: number, reason: string): void
  /** `congested` went back to false. */
  relieved(tenant: string): void
  tellersDropped(tenant: string, plugin: string, count: number): void
  /** What an operator must be able to find later. */
  audit(record: AuditRecord): void
}

/** One layer of the jail. */
export interface JailLayer {
  readonly name: string
  readonly stands: boolean
  /** What it gives, or why it does not stand. */
  readonly detail: string
  /** What would make it stand, in sentences; '' if it does. */
  readonly mend: string
}

/** A plugin as the operator's config has it. */
export interface PluginSource extends BundleSource {
  readonly options: Readonly<Record<string, unknown>>
  /** Who loads it. A client takes only what was made for one; default: a broker, which takes both. */
  readonly for?: 'client'
  /** The options are several plugins' together, and it takes those that its schema names. Default: no. */
  readonly sharesOptions?: boolean
  /** What the operator grants: a subset of these names, attenuated. */
  readonly allow: Readonly<Partial<Record<CapabilityName, CapabilityRequest>>>
  /** Default: none. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Default: as long as its tenant's. */
  readonly waitMs?: PluginWaits
  /** Questions that are not put to it, whatever it declares. Default: none. */
  readonly unasked?: readonly AskerName[]
}

/** Knows cells, isolates and bundles; knows nothing of MQTT but the shape of its events. */
export interface PluginHost {
  readonly jail: readonly JailLayer[]
  /** For doctor and metrics. */
  readonly cells: CellCounts
  /**
   * Builds, probes and checks one plugin, in throw-away processes.
   *
   * @throws BulkheadError ERR_PLUGIN_NOT_FOUND, ERR_PLUGIN_BUILD, ERR_PLUGIN_MANIFEST, ERR_PLUGIN_CONFIG,
   * ERR_PLUGIN_CAPABILITY, ERR_PLUGIN_LOAD, ERR_CELL
   */
  prepare(source: PluginSource, limits: SandboxLimits): Promise<PreparedPlugin>
  /**
   * Builds and probes, or reads, one bundle, whatever its options may be.
   *
   * @throws BulkheadError ERR_PLUGIN_NOT_FOUND, ERR_PLUGIN_BUILD, ERR_PLUGIN_MANIFEST, ERR_PLUGIN_LOAD,
   * ERR_CELL
   */
  bundle(source: BundleSource, limits: SandboxLimits): Promise<Bundle>
  /**
   * Makes a bundle of what a stranger has sent: builds it or takes its digest, and probes it.
   *
   * @param name what messages call the plugin.
   * @throws BulkheadError ERR_PLUGIN_UPLOAD, ERR_PLUGIN_NOT_FOUND, ERR_PLUGIN_BUILD, ERR_PLUGIN_MANIFEST,
   * ERR_PLUGIN_LOAD, ERR_CELL
   */
  inspect(name: string, upload: Upload, limits: SandboxLimits): Promise<Bundle>
  /** The tenant's cell starts, and its plugins activate, with the first question or news. */
  openTenant(spec: TenantSpec): TenantPlugins
  /** @param source whose strikes its questions are: the principal, else the address; default: nobody's. */
  subject(json: string, source?: string): Subject
  stop(): Promise<void>
}
