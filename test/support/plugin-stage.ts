import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AskerName,
  type AuditRecord,
  type CheckedVerdict,
  createPluginHost,
  DEFAULT_LIMITS,
  type HostObserver,
  type Outcome,
  type PluginHandle,
  type PluginHost,
  type PluginSource,
  type PowerPorts,
  type PreparedPlugin,
  type SandboxLimits,
  type Subject,
  type TenantPlugins,
} from '../../sandbox/index.ts'
import { TickEnd } from '../../src/base/tick-end.ts'
import { children, commandOf } from './processes.ts'
import { recordingObserver, type Told } from './recording-observer.ts'

/** One answer, as an asker gets it. */
export interface Answer {
  readonly outcome: Outcome
  readonly verdict: CheckedVerdict | null
}

export interface StageOptions {
  /** What powers need of the broker. */
  readonly ports?: PowerPorts
  readonly jail?: 'auto' | 'minimal'
  readonly startWaitMs?: number
  readonly startQueueMs?: number
  readonly idleStopMs?: number
  readonly renewalMs?: number
  readonly spareCells?: number
  readonly maxCells?: number
}

/**
 * A plugin host for tests: real cells, plugins from source text, answers as promises, everything told
 * recorded.
 */
export class PluginStage {
  readonly told: readonly Told[]
  readonly #host: PluginHost
  readonly #waits: Waits
  readonly #folders: string[] = []

  private constructor(host: PluginHost, told: readonly Told[], waits: Waits) {
    this.#host = host
    this.told = told
    this.#waits = waits
  }

  static async open(options: StageOptions = {}): Promise<PluginStage> {
    const waits = new Waits()
    const { observer, told } = recordingObserver(() => waits.look())
    const startWaitMs = 10_000
    const host = await createPluginHost({
      observer,
      jail: 'auto',
      startWaitMs,
      tickEnd: new TickEnd(),
      ...options,
    })
    return new PluginStage(host, told, waits)
  }

  /** The cells' processes, which one process starts; a builder that ends may leave others for a moment. */
  pids(): readonly number[] {
    const launchers = children(process.pid).filter((pid) => commandOf(pid).includes('launcher-process'))
    return launchers.flatMap(children)
  }

  get host(): PluginHost {
    return this.#host
  }

  /** Builds and probes a plugin from the text of its plugin.ts. */
  async prepare(
    source: string,
    options: Readonly<Record<string, unknown>> = {},
    allow: PluginSource['allow'] = { log: true, password: true, payload: true },
    waitMs: NonNullable<PluginSource['waitMs']> = {},
  ): Promise<PreparedPlugin> {
    const path = await mkdtemp(join(tmpdir(), 'bulkhead-plugin-'))
    this.#folders.push(path)
    await writeFile(join(path, 'plugin.ts'), source)
    return this.#host.prepare({ name: 'guard', path, options, allow, waitMs }, DEFAULT_LIMITS)
  }

  /** Opens a tenant with one plugin, which sleeps. */
  sleeper(name: string, plugin: PreparedPlugin, limits: Partial<SandboxLimits> = {}): StagedTenant {
    const spec = { tenant: name, plugins: [plugin], limits: { ...DEFAULT_LIMITS, ...limits }, jit: false }
    return new StagedTenant(this.#host.openTenant(spec))
  }

  /** Opens a tenant with one plugin and waits until it is active or failed. */
  async tenant(
    name: string,
    plugin: PreparedPlugin,
    limits: Partial<SandboxLimits> = {},
  ): Promise<StagedTenant> {
    const tenant = this.sleeper(name, plugin, limits)
    tenant.plugins.wake()
    await tenant.plugins.settled()
    return tenant
  }

  /** All that was told of one kind. */
  toldOf(what: keyof HostObserver): readonly (readonly unknown[])[] {
    return this.told.filter((each) => each.what === what).map((each) => each.args)
  }

  /** The audit so far. */
  audited(): readonly AuditRecord[] {
    return this.toldOf('audit').map(([record]) => record as AuditRecord)
  }

  /** Resolves as soon as `condition` holds; it is looked at whenever the host tells something. */
  until(condition: () => boolean): Promise<void> {
    return this.#waits.until(condition)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.stop()
    await Promise.all(this.#folders.map((path) => rm(path, { recursive: true, force: true })))
  }
}

/** Waiting for what the host tells, never for time. */
class Waits {
  #waiting: (() => void)[] = []

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  look(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** A tenant of one plugin. */
export class StagedTenant {
  readonly plugins: TenantPlugins

  constructor(plugins: TenantPlugins) {
    this.plugins = plugins
  }

  get plugin(): PluginHandle {
    const [plugin] = this.plugins.plugins
    if (plugin === undefined) throw new Error('a staged tenant has a plugin')
    return plugin
  }

  ask(hook: AskerName, event: object, subject: Subject | null = null): Promise<Answer> {
    return new Promise((resolve) => {
      const asker = {
        answered: (_slot: number, outcome: Outcome, verdict: CheckedVerdict | null) =>
          resolve({ outcome, verdict }),
      }
      this.plugin.ask(hook, subject, JSON.stringify(event), asker, 0)
    })
  }

  /** The same question as {@link publish}, in the short form in which most of them cross. */
  publishShort(topic: string, qos: 0 | 1 | 2, retain: boolean, subject: Subject): Promise<Answer> {
    return new Promise((resolve) => {
      const asker = {
        answered: (_slot: number, outcome: Outcome, verdict: CheckedVerdict | null) =>
          resolve({ outcome, verdict }),
      }
      this.plugin.askPublish(subject, JSON.stringify(topic), qos, retain, asker, 0)
    })
  }

  /** The question that most tests ask. */
  publish(topic: string, subject: Subject | null = null): Promise<Answer> {
    return this.ask('authorizePublish', { topic, qos: 0, retain: false }, subject)
  }
}
