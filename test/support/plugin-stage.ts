import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AskerName,
  type CheckedVerdict,
  createPluginHost,
  DEFAULT_LIMITS,
  type HostObserver,
  type Outcome,
  type PluginHandle,
  type PluginHost,
  type PreparedPlugin,
  type SandboxLimits,
  type Subject,
  type TenantPlugins,
} from '../../sandbox/index.ts'
import { TickEnd } from '../../src/base/tick-end.ts'

/** One answer, as an asker gets it. */
export interface Answer {
  readonly outcome: Outcome
  readonly verdict: CheckedVerdict | null
}

/** What the host told its observer, in order. */
export interface Told {
  readonly what: keyof HostObserver
  readonly args: readonly unknown[]
}

export interface StageOptions {
  readonly startWaitMs?: number
}

/**
 * A plugin host for tests: real cells, plugins from source text, answers as promises, everything told
 * recorded.
 */
export class PluginStage {
  readonly told: Told[] = []
  readonly #host: PluginHost
  readonly #folders: string[] = []
  #waiting: (() => void)[] = []

  private constructor(host: PluginHost) {
    this.#host = host
  }

  static async open(options: StageOptions = {}): Promise<PluginStage> {
    const relay: { stage?: PluginStage } = {}
    const record =
      (what: keyof HostObserver) =>
      (...args: readonly unknown[]): void =>
        relay.stage?.record(what, args)
    const observer: HostObserver = {
      pluginLog: record('pluginLog'),
      pluginFaulted: record('pluginFaulted'),
      pluginState: record('pluginState'),
      cellStarted: record('cellStarted'),
      cellEnded: record('cellEnded'),
      relieved: record('relieved'),
      tellersDropped: record('tellersDropped'),
    }
    const startWaitMs = options.startWaitMs ?? 10_000
    const host = await createPluginHost({ observer, jail: 'auto', startWaitMs, tickEnd: new TickEnd() })
    relay.stage = new PluginStage(host)
    return relay.stage
  }

  get host(): PluginHost {
    return this.#host
  }

  /** Builds and probes a plugin from the text of its plugin.ts. */
  async prepare(source: string, options: Readonly<Record<string, unknown>> = {}): Promise<PreparedPlugin> {
    const path = await mkdtemp(join(tmpdir(), 'bulkhead-plugin-'))
    this.#folders.push(path)
    await writeFile(join(path, 'plugin.ts'), source)
    const allow = { log: true, password: true, payload: true } as const
    return this.#host.prepare({ name: 'guard', path, options, allow }, DEFAULT_LIMITS)
  }

  /** Opens a tenant with one plugin and waits until it is active or failed. */
  async tenant(
    name: string,
    plugin: PreparedPlugin,
    limits: Partial<SandboxLimits> = {},
  ): Promise<StagedTenant> {
    const spec = { tenant: name, plugins: [plugin], limits: { ...DEFAULT_LIMITS, ...limits }, jit: false }
    const tenant = new StagedTenant(this.#host.openTenant(spec))
    await tenant.plugins.settled()
    return tenant
  }

  /** All that was told of one kind. */
  toldOf(what: keyof HostObserver): readonly (readonly unknown[])[] {
    return this.told.filter((each) => each.what === what).map((each) => each.args)
  }

  /** Resolves as soon as `condition` holds; it is looked at whenever the host tells something. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  record(what: keyof HostObserver, args: readonly unknown[]): void {
    this.told.push({ what, args })
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.stop()
    await Promise.all(this.#folders.map((path) => rm(path, { recursive: true })))
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

  /** The question that most tests ask. */
  publish(topic: string, subject: Subject | null = null): Promise<Answer> {
    return this.ask('authorizePublish', { topic, qos: 0, retain: false }, subject)
  }
}
