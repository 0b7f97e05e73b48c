import type { Bundle } from '../bundle/bundle-format.ts'
import type { SandboxLimits } from '../limits.ts'
import type { CapabilityName, CapabilityRequest } from '../manifest/manifest.ts'
import type { Outcome } from '../outcome.ts'
import type { AskerName, HookName, TellerName } from '../sdk/hooks.ts'
import type { CheckedVerdict } from './checked-verdict.ts'

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
}

/** What the host needs of one tenant. */
export interface TenantSpec {
  readonly tenant: string
  readonly plugins: readonly PreparedPlugin[]
  readonly limits: SandboxLimits
  readonly jit: boolean
}

/**
 * Who a question is about (an MQTT client). Its JSON crosses once per isolate, questions name it by number.
 * The JSON must never change; a client whose identity changes gets a new subject.
 */
export interface Subject {
  readonly ref: number
  readonly json: string
  /** The client is gone: every isolate that knows it forgets it. */
  release(): void
}

/**
 * Waits for answers. One object may wait for several plugins; `slot` tells them apart. No promise, no
 * closure.
 */
export interface Asker {
  /** Called exactly once for each accepted question. `verdict` is there if and only if `outcome` is `ok`. */
  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void
}

/** A live plugin of one tenant. */
export interface PluginHandle {
  readonly name: string
  readonly version: string
  readonly hooks: ReadonlySet<HookName>
  readonly capabilities: PreparedPlugin['capabilities']
  readonly state: 'loading' | 'active' | 'failed' | 'stopped'
  /**
   * Puts a question into this turn's frame.
   *
   * @param event the event as JSON text of an object, without `client`: the guest adds the subject under that
   * name. Bytes travel as base64 under `payload64`, `password64`, `authData64`; the guest makes `payload`
   * of them. A full queue, a failed or stopped plugin answer at once, in this call.
   */
  ask(hook: AskerName, subject: Subject | null, event: string, asker: Asker, slot: number): void
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
  tell(hook: TellerName, subject: Subject | null, event: string): void
}

/** The plugins of one tenant, in the declared order, and their cell. */
export interface TenantPlugins {
  readonly tenant: string
  readonly plugins: readonly PluginHandle[]
  /** The cell's process, or undefined while none runs. For doctor, tests and metrics. */
  readonly pid: number | undefined
  /** True while the question queue is above its high-water mark: stop reading this tenant's sockets. */
  readonly congested: boolean
  /** Resolves when every plugin is active or failed. */
  settled(): Promise<void>
  /** Answers what waits with `stopped`, tells `onClose`, ends the cell. */
  stop(): Promise<void>
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

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
  pluginFaulted(
    tenant: string,
    plugin: string,
    hook: HookName | 'load',
    outcome: Outcome,
    detail: string,
  ): void
  pluginState(tenant: string, plugin: string, state: PluginHandle['state'], detail: string): void
  cellStarted(tenant: string, pid: number, readyMs: number): void
  cellEnded(tenant: string, pid: number, reason: string): void
  /** `congested` went back to false. */
  relieved(tenant: string): void
  tellersDropped(tenant: string, plugin: string, count: number): void
}

/** One layer of the jail: whether it stands, and if not, why. */
export interface JailLayer {
  readonly name: string
  readonly stands: boolean
  readonly detail: string
}

/** Where a bundle comes from: a folder with sources, or a built bundle file. */
export interface BundleSource {
  readonly name: string
  /** Absolute path of a folder, or of a `.bundle.json` file made by `bulkhead plugin build`. */
  readonly path: string
  /** The export to use when the default one is not meant (aMQTT's dotted names). */
  readonly exportName?: string
  /** Whether `node_modules` of the folder resolves: on the author's own machine only. */
  readonly resolvePackages?: boolean
}

/** A plugin as the operator's config has it. */
export interface PluginSource extends BundleSource {
  readonly options: Readonly<Record<string, unknown>>
  /** What the operator grants: a subset of these names, attenuated. */
  readonly allow: Readonly<Partial<Record<CapabilityName, CapabilityRequest>>>
}

/** Knows cells, isolates and bundles; knows nothing of MQTT but the shape of its events. */
export interface PluginHost {
  readonly jail: readonly JailLayer[]
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
  /** Starts the tenant's cell and activates its plugins; returns at once. */
  openTenant(spec: TenantSpec): TenantPlugins
  subject(json: string): Subject
  stop(): Promise<void>
}
