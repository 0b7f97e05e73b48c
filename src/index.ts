import type { JailLayer } from '../sandbox/index.ts'
import {
  type AuditFilter,
  type AuditRecord,
  BrokerCore,
  type Explained,
  type ClientDoubt,
  type ReloadReport,
} from './broker.ts'
import { type ConfigInput, type LoadedConfig, loadConfig } from './config/load-config.ts'
import { secretValues } from './config/secret-values.ts'
import { type LogFormat, openLog } from './observe/log.ts'
import type { BrokerStatus } from './observe/health.ts'
import { type MetricsType, OPENMETRICS_TEXT, PROMETHEUS_TEXT } from './observe/metrics.ts'
import { Redaction } from './observe/redaction.ts'
import type { Usage } from './observe/usage-report.ts'
import type { Decision } from './observe/decision-journal.ts'
import type { PluginMetric } from './observe/plugin-metrics.ts'
import { startLines } from './observe/start-lines.ts'

import { BulkheadError } from './base/errors.ts'

export {
  type Client,
  type Publishing,
  type ReceivedMessage,
  type Subscribed,
} from './client/client.ts'
export { type ClientOptions, createClient } from './create-client.ts'
export { BulkheadError, ERRORS, type ErrorCode } from './base/errors.ts'
export type { ConfigInput } from './config/load-config.ts'
export type { AuditFilter, AuditRecord, ReloadReport } from './broker.ts'
export type { ConfigChange } from './config/config-difference.ts'
export type { JailLayer } from '../sandbox/index.ts'
export type { BrokerStatus, TenantStatus } from './observe/health.ts'
export type { Decision, DecisionVoice } from './observe/decision-journal.ts'
export type { LogFormat } from './observe/log.ts'
export { type Usage, usageCsv } from './observe/usage-report.ts'
export type { PluginMetric } from './observe/plugin-metrics.ts'

export interface BrokerOptions {
  /** Where the log goes on stderr; default: readable lines on a terminal, JSON lines elsewhere. */
  readonly log?: LogFormat
  /** For `${NAME}` and `BULKHEAD_…` in the config; default: the process's own. */
  readonly env?: NodeJS.ProcessEnv
  /**
   * The path of a Unix socket on which `bulkhead explain` is answered, for this user alone. Default: none.
   * The config's `controlSocket` goes before it.
   */
  readonly controlSocket?: string
  /**
   * aMQTT's `Broker(plugin_namespace=…)`: the namespace in package.json whose plugins are loaded. It goes
   * before the config's own `pluginNamespace`, and cannot stand with `plugins:`.
   */
  readonly pluginNamespace?: string
}

/** What is to be explained: may this client do this? */
export interface ExplainQuestion extends Pick<ClientDoubt, 'client' | 'action' | 'topic'> {
  readonly tenant: string
  /** Of the message, or what the subscription asks for; default 0. */
  readonly qos?: ClientDoubt['qos']
  /** The message's flag; default false. */
  readonly retain?: boolean
}

/** Who said what to it now, what the client would be told, and what it was refused before. */
export type Explanation = Explained<Decision>

/** Where a broker listens. */
export interface ListenerAddress {
  readonly name: string
  readonly type: 'tcp' | 'ws'
  readonly address: string
  readonly port: number
  /** As a client is told: `mqtt://127.0.0.1:1883`. */
  readonly url: string
  /** Connections that did not come so far that MQTT could be spoken, by reason. */
  readonly turnedAway: Readonly<Record<string, number>>
}

/** An MQTT broker in this process; its plugins run in processes of their own. */
export interface Broker {
  /**
   * Prepares the plugins, binds the listeners. Resolves when clients can connect.
   *
   * @throws BulkheadError ERR_PLUGIN_*, ERR_JAIL, ERR_CELL, ERR_LISTEN, ERR_CONTROL, ERR_STOPPED
   */
  start(): Promise<void>
  /**
   * Is not ready any more, accepts nobody, sends clients away (DISCONNECT 0x8B to MQTT 5, 0x9C with the
   * config's `serverReference`), ends the cells. Cuts a start short.
   *
   * @param options drainSec: clients are sent away over so many seconds, in waves; default: the config's.
   * 0 cuts short what goes on.
   */
  stop(options?: { readonly drainSec?: number }): Promise<void>
  /** Resolves when it is told to stop, by {@link stop} or over the control socket. */
  readonly stopping: Promise<void>
  /**
   * Resolves when it cannot go on, as when its store is lost: nothing is acknowledged any more that was to be
   * safe. Stop it, and start it anew: all that was acknowledged is there.
   */
  readonly failed: Promise<BulkheadError>
  /** Reads the certificates of TLS listeners anew, as SIGHUP does; what cannot be used is logged. */
  renewCertificates(): void
  /**
   * Reads the config anew and takes up what it says otherwise of tenants, plugins, databases and directories:
   * all of it, or, where anything is wrong, nothing. Connections of tenants that stay do not drop.
   *
   * @param options config: instead of what the broker was made from; dryRun: change nothing, say what would.
   * @throws BulkheadError with every mistake and its place.
   */
  reload(options?: { readonly config?: ConfigInput; readonly dryRun?: boolean }): Promise<ReloadReport>
  /**
   * Tenants, those of the config and those made here; the config's can be read, and nothing else. Settings are
   * the keys below `tenants: NAME:` in the config.
   *
   * @throws BulkheadError ERR_CONFLICT, ERR_CONFIG_INVALID, ERR_UNKNOWN, ERR_PLUGIN_…; then nothing changed.
   */
  readonly tenants: {
    list(): readonly object[]
    add(name: string, settings: object): Promise<object>
    /** No connection drops. */
    change(name: string, settings: object): Promise<object>
    /** Its clients are sent away (0x98), and nobody is let in; nothing is deleted. */
    suspend(name: string): Promise<object>
    resume(name: string): Promise<object>
    /** With all that it has. */
    remove(name: string): Promise<void>
  }
  /** Bound addresses, in the config's order; empty before {@link start}. */
  readonly listeners: readonly ListenerAddress[]
  /** The layers of the jail around plugins, whether each stands. */
  readonly jail: readonly JailLayer[]
  /** What the config says that the operator should know, though it does not stop the start. */
  readonly warnings: readonly string[]
  /** The process of each tenant's cell, as far as one runs. */
  readonly cells: ReadonlyMap<string, number>
  /**
   * What plugins did or were refused, as far as it is kept (in memory: 10,000 records), the newest last.
   *
   * @param filter tenant: of this one alone; limit: so many of the newest.
   */
  audit(filter?: AuditFilter): Promise<readonly AuditRecord[]>
  /** What plugins count and gauge with `ctx.metrics`, since the start. */
  pluginMetrics(): readonly PluginMetric[]
  /**
   * All metrics as a scraper gets them; the README has their names.
   *
   * @param format default: the text of Prometheus.
   */
  metrics(format?: 'prometheus' | 'openmetrics'): Promise<string>
  /** Where metrics are served, as the config's `metrics.bind` says; undefined: nowhere. */
  readonly metricsUrl: string | undefined
  /** Where the admin API is served, as the config's `admin.bind` says; undefined: nowhere. */
  readonly adminUrl: string | undefined
  /**
   * What a tenant used: by the hour for 35 days, by the day for 13 months, the oldest first. What it uses now
   * is in it up to the last minute; without `data:` it ends with the process.
   *
   * @param from the first span is the one that holds it.
   * @param to no span begins then or later.
   * @throws BulkheadError ERR_STORE
   */
  usage(tenant: string, from: Date, to: Date): Promise<readonly Usage[]>
  /**
   * Asks the tenant's plugins as if the client did it now, and says who answered what, from a grant, a cache
   * or a crossing, whose word won, and what transforms and rewrites make of it. A message is asked about with
   * an empty payload. What the plugins publish or count meanwhile does not happen.
   *
   * @returns undefined where neither a session nor a refusal of that client is known.
   * @throws BulkheadError ERR_USAGE where the topic, the action, the QoS or the flag is none.
   */
  explain(question: ExplainQuestion): Promise<Explanation | undefined>
  /** The refusal with this id, as its log line has it; each tenant's newest 256 are kept. */
  decision(id: string): Decision | undefined
  /** Resolves once all that the broker logged so far is written, or lost; lines are written by a thread. */
  logWritten(): Promise<void>
  /** Whether it is ready, and if not, why; how much it has. */
  status(): BrokerStatus
  /**
   * The state of things in a few lines: listeners, tenants and plugins, jail; and, once, the operator's first
   * token.
   */
  describe(): readonly string[]
}

/**
 * Makes a broker from a config file's path, the same config as an object, or, with neither, the demo.
 *
 * @throws BulkheadError ERR_CONFIG_READ, ERR_CONFIG_SYNTAX, ERR_CONFIG_INVALID: every mistake with its place.
 */
export async function createBroker(source?: ConfigInput, options: BrokerOptions = {}): Promise<Broker> {
  const loaded = await loadConfig(source, options.env, options.pluginNamespace)
  const { config, warnings } = loaded
  const format = options.log ?? (process.stderr.isTTY ? 'pretty' : 'json')
  const redaction = new Redaction(secretValues(loaded))
  const log = openLog(format, redaction)
  const reading = {
    loaded,
    read: (input = source) => loadConfig(input, options.env, options.pluginNamespace),
    hide: (configs: readonly LoadedConfig[]) =>
      redaction.become(configs.flatMap((each) => [...secretValues(each)])),
  }
  const core = new BrokerCore(reading, log)
  return {
    start: () => core.start(controlSocketOf(config.controlSocket, options.controlSocket)),
    stop: ({ drainSec } = {}) => core.stop(drainSec),
    stopping: core.stopping,
    failed: core.failed,
    renewCertificates: () => core.renewCertificates(),
    tenants: {
      list: () => core.hosted.list(),
      add: (name, settings) => core.hosted.create(name, settings),
      change: (name, settings) => core.hosted.change(name, settings, undefined),
      suspend: (name) => core.hosted.suspend(name, true),
      resume: (name) => core.hosted.suspend(name, false),
      remove: (name) => core.hosted.delete(name),
    },
    reload: ({ config: input, dryRun = false } = {}) => core.reload(dryRun, input),
    get listeners() {
      return core.listeners.map(({ name, type, address, port, url, turnedAway }) => {
        return { name, type, address, port, url, turnedAway: { ...turnedAway } }
      })
    },
    get jail() {
      return core.jail
    },
    warnings,
    status: () => core.status,
    get cells() {
      return core.cells
    },
    audit: (filter = {}) => core.audit(filter),
    pluginMetrics: () => core.pluginMetrics,
    metrics: (format = 'prometheus') => core.instruments.metrics.text(METRICS_TYPES[format]),
    get metricsUrl() {
      return core.instruments.url
    },
    get adminUrl() {
      return core.adminUrl
    },
    usage: (tenant, from, to) => core.instruments.usage.read(tenant, from.getTime(), to.getTime()),
    explain: async ({ tenant, client, action, topic, qos = 0, retain = false }) => {
      const asked = { client, action, topic, qos, retain }
      const explained = await core.explain(tenant, asked)
      if (explained !== 'invalid') return explained
      throw new BulkheadError('ERR_USAGE', `cannot be asked about: ${JSON.stringify(asked)}`)
    },
    decision: (id) => core.decision(id),
    logWritten: () => log.written(),
    describe: () => startLines({ ...core.state, warnings }),
  }
}

const METRICS_TYPES: Readonly<Record<'prometheus' | 'openmetrics', MetricsType>> = {
  prometheus: PROMETHEUS_TEXT,
  openmetrics: OPENMETRICS_TEXT,
}

/** The config goes before whoever starts the broker. */
function controlSocketOf(written: string | undefined, chosen: string | undefined): string | undefined {
  return written === 'off' ? undefined : (written ?? chosen)
}
