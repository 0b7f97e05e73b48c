import type { JailLayer } from '../sandbox/index.ts'
import { type AuditFilter, type AuditRecord, BrokerCore } from './broker.ts'
import { type ConfigInput, loadConfig } from './config/load-config.ts'
import { type LogFormat, openLog } from './observe/log.ts'
import type { PluginMetric } from './observe/plugin-metrics.ts'
import { startLines } from './observe/start-lines.ts'

export { BulkheadError, ERRORS, type ErrorCode } from './base/errors.ts'
export type { ConfigInput } from './config/load-config.ts'
export type { AuditFilter, AuditRecord } from './broker.ts'
export type { JailLayer } from '../sandbox/index.ts'
export type { LogFormat } from './observe/log.ts'
export type { PluginMetric } from './observe/plugin-metrics.ts'

export interface BrokerOptions {
  /** Where the log goes on stderr; default: readable lines on a terminal, JSON lines elsewhere. */
  readonly log?: LogFormat
  /** For `${NAME}` and `BULKHEAD_…` in the config; default: the process's own. */
  readonly env?: NodeJS.ProcessEnv
}

/** Where a broker listens. */
export interface ListenerAddress {
  readonly name: string
  readonly type: 'tcp' | 'ws'
  readonly address: string
  readonly port: number
  /** As a client is told: `mqtt://127.0.0.1:1883`. */
  readonly url: string
}

/** An MQTT broker in this process; its plugins run in processes of their own. */
export interface Broker {
  /**
   * Prepares the plugins, binds the listeners. Resolves when clients can connect.
   *
   * @throws BulkheadError ERR_PLUGIN_*, ERR_JAIL, ERR_CELL, ERR_LISTEN
   */
  start(): Promise<void>
  /** Tells clients (DISCONNECT 0x8B to MQTT 5), closes all, ends the cells. */
  stop(): Promise<void>
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
  /** Resolves once all that the broker logged so far is written, or lost; lines are written by a thread. */
  logWritten(): Promise<void>
  /** The state of things in a few lines: listeners, tenants and plugins, jail. */
  describe(): readonly string[]
}

/**
 * Makes a broker from a config file's path, the same config as an object, or, with neither, the demo.
 *
 * @throws BulkheadError ERR_CONFIG_READ, ERR_CONFIG_SYNTAX, ERR_CONFIG_INVALID: every mistake with its place.
 */
export async function createBroker(source?: ConfigInput, options: BrokerOptions = {}): Promise<Broker> {
  const { config, warnings } = await loadConfig(source, options.env)
  const log = openLog(options.log ?? (process.stderr.isTTY ? 'pretty' : 'json'))
  const core = new BrokerCore(config, log)
  return {
    start: () => core.start(),
    stop: () => core.stop(),
    get listeners() {
      return core.listeners.map(({ name, type, address, port, url }) => ({ name, type, address, port, url }))
    },
    get jail() {
      return core.jail
    },
    warnings,
    get cells() {
      return core.cells
    },
    audit: (filter = {}) => core.audit(filter),
    pluginMetrics: () => core.pluginMetrics,
    logWritten: () => log.written(),
    describe: () => startLines({ ...core.state, warnings }),
  }
}
