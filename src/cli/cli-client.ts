import type { ClientPlan, ClientPlugins } from '../client/client.ts'
import { type ClientConnection, type ConnectionOptions, openConnection } from '../client/connection.ts'
import { traceWatch } from '../client/trace-line.ts'
import { type ClientFlags, type ClientTarget, clientTarget, configFileOf } from './client-flags.ts'
import { printTrace } from './print.ts'

/** What pub and sub connect with: the flags, over a config where one is named. */
export interface CliClient {
  readonly target: ClientTarget
  /** Undefined: no config is named. */
  readonly plan: ClientPlan | undefined
  /** Undefined: there are none. */
  readonly openPlugins: () => Promise<ClientPlugins | undefined>
}

/**
 * Reads the flags, and the config that they name.
 *
 * @throws BulkheadError ERR_USAGE, ERR_CONFIG_*, ERR_PLUGIN_NOT_FOUND
 */
export async function cliClient(flags: ClientFlags): Promise<CliClient> {
  const file = configFileOf(flags)
  if (file === undefined) {
    return { target: clientTarget(flags), plan: undefined, openPlugins: () => Promise.resolve(undefined) }
  }
  // without a config there are no plugins, and what runs them need not be loaded
  const { openClient } = await import('../create-client.ts')
  const { plan, openPlugins } = await openClient(file)
  return { target: clientTarget(flags, plan), plan, openPlugins }
}

/**
 * Connects, with the config's plugins, and does the work; then the connection and the plugins end, however it
 * went.
 *
 * @throws BulkheadError ERR_CLIENT, ERR_PLUGIN_*, ERR_JAIL, ERR_CELL, and what the work throws.
 */
export async function withConnection(
  { target, openPlugins }: CliClient,
  flags: ClientFlags,
  options: Pick<ConnectionOptions, 'onMessage' | 'retry'>,
  work: (connection: ClientConnection) => Promise<void>,
): Promise<void> {
  const plugins = await openPlugins()
  try {
    const watches = plugins === undefined ? [] : [plugins.watch]
    if (flags.debug) watches.push(traceWatch(String(target.options.clientId), printTrace))
    const { address, pingDelaySec } = target
    const connection = await openConnection(target.options, {
      address,
      watches,
      ...options,
      ...(pingDelaySec !== undefined && { pingDelaySec }),
    })
    await Promise.race([work(connection), connection.lost])
    await connection.end(target.properties.disconnect)
  } finally {
    await plugins?.stop()
  }
}
