import { setTimeout as pause } from 'node:timers/promises'
import { createPluginHost, type HostObserver, type TenantPlugins } from '../sandbox/index.ts'
import { BulkheadError } from './base/errors.ts'
import { CLIENT_START_WAIT_MS, CLIENT_TOLD_MS, PREPARED_AT_ONCE } from './base/limits.ts'
import { mapInTurn } from './base/map-in-turn.ts'
import { TickEnd } from './base/tick-end.ts'
import { clientPlan } from './client-plan.ts'
import { Client, type ClientPlan, type ClientPlugins } from './client/client.ts'
import { PacketTellers } from './client/packet-tellers.ts'
import type { ClientConfig } from './config/client-config.ts'
import type { ConfigInput } from './config/load-config.ts'
import { loadClientConfig } from './config/load-client-config.ts'
import { MemoryKv } from './engine/memory/memory-kv.ts'
import { brokerLog } from './observe/broker-log.ts'
import { type Log, type LogFormat, openLog } from './observe/log.ts'

export interface ClientOptions {
  /**
   * How the log of its plugins is written to stderr; default: readable lines on a terminal, JSON lines
   * elsewhere.
   */
  readonly log?: LogFormat
  /** For `${NAME}` in the config; default: the process's own. */
  readonly env?: NodeJS.ProcessEnv
  /** Goes before the config's `client_id`. */
  readonly clientId?: string
}

/**
 * Makes an MQTT client from a config file's path, the same config as an object, or, with neither, one for the
 * broker on this machine. aMQTT's `MQTTClient`, with its options.
 *
 * @throws BulkheadError ERR_CONFIG_READ, ERR_CONFIG_SYNTAX, ERR_CONFIG_INVALID, ERR_PLUGIN_NOT_FOUND: every
 * mistake with its place.
 */
export async function createClient(source?: ConfigInput, options: ClientOptions = {}): Promise<Client> {
  const { plan, openPlugins } = await openClient(source, options)
  return new Client(plan, openPlugins)
}

/** What a config comes to: where to connect and how, and its plugins. */
export interface OpenedClient {
  readonly plan: ClientPlan
  /**
   * Starts its plugins; undefined: it has none.
   *
   * @throws BulkheadError ERR_PLUGIN_* of the first that cannot be built, does not activate or is none for
   * clients; ERR_JAIL, ERR_CELL
   */
  readonly openPlugins: () => Promise<ClientPlugins | undefined>
}

/**
 * Reads a config; starts nothing.
 *
 * @throws BulkheadError as {@link createClient} says.
 */
export async function openClient(source?: ConfigInput, options: ClientOptions = {}): Promise<OpenedClient> {
  const loaded = await loadClientConfig(source, options.env)
  const config = { ...loaded, clientId: options.clientId ?? loaded.clientId }
  const log = openLog(options.log ?? (process.stderr.isTTY ? 'pretty' : 'json'))
  return { plan: clientPlan(config), openPlugins: () => openClientPlugins(config, log) }
}

/** What stands in a broker's place for the name of a tenant. */
const TENANT = 'client'

/**
 * Starts the plugins of a client; undefined: it has none.
 *
 * @throws BulkheadError as {@link OpenedClient} says.
 */
export async function openClientPlugins(config: ClientConfig, log: Log): Promise<ClientPlugins | undefined> {
  const { plugins: sources, limits, jail } = config
  if (sources.length === 0) return undefined
  /** What was said of each plugin's state last. */
  const whys = new Map<string, string>()
  const host = await createPluginHost({
    observer: pluginObserver(log, whys),
    // what it keeps, it keeps for as long as the client runs
    ports: { kv: new MemoryKv() },
    jail,
    startWaitMs: CLIENT_START_WAIT_MS,
    tickEnd: new TickEnd(),
  })
  try {
    const plugins = await mapInTurn(sources, PREPARED_AT_ONCE, (source) =>
      host.prepare({ ...source, for: 'client' }, limits),
    )
    const live = host.openTenant({ tenant: TENANT, plugins, limits, jit: false })
    // what it says of itself must not be lost on the first packets, and whoever starts it wants to know
    live.wake()
    await live.settled()
    const failed = live.plugins.find(({ state }) => state === 'failed')
    if (failed !== undefined)
      throw new BulkheadError(
        'ERR_PLUGIN_LOAD',
        `plugin ${failed.name}: ${whys.get(failed.name) ?? 'it failed'}`,
      )
    return {
      watch: new PacketTellers(live.plugins, limits.payloadKiB * 1024),
      stop: async () => {
        await told(live)
        await host.stop()
      },
    }
  } catch (error) {
    await host.stop()
    throw error
  }
}

/** A short life consists of its last packets. Nobody says when they are told, so it looks. */
async function told({ plugins }: TenantPlugins): Promise<void> {
  const deadline = performance.now() + CLIENT_TOLD_MS
  while (plugins.some(({ isIdle }) => !isIdle) && performance.now() < deadline) await pause(TOLD_LOOK_MS)
}

const TOLD_LOOK_MS = 5

function pluginObserver(log: Log, whys: Map<string, string>): HostObserver {
  const lines = brokerLog(log)
  return {
    pluginLog: (...line) => lines.pluginLog(...line),
    pluginFaulted: (...fault) => lines.pluginFaulted(...fault),
    powerBroke: (...failure) => lines.powerBroke(...failure),
    pluginState: (_tenant, plugin, state, detail) => {
      whys.set(plugin, detail)
      // that it sleeps and wakes is nothing that its user wants between the messages
      if (state === 'failed' || state === 'quarantined') lines.pluginState(TENANT, plugin, state, detail)
    },
    cellStarted: () => undefined,
    cellEnded: (_tenant, pid, reason) => {
      if (reason !== 'stopped') lines.cellEnded(TENANT, pid, reason)
    },
    relieved: () => undefined,
    tellersDropped: (_tenant, plugin, count) =>
      lines.quotaExceeded(TENANT, `packets to tell ${plugin} of, dropped`, count, undefined),
    audit: (record) => lines.audit(record),
  }
}
