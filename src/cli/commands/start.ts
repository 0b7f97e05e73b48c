import { Command } from 'commander'
import { ownSocketPath } from '../../admin/socket-path.ts'
import type { Broker } from '../../index.ts'
import { EXIT } from '../exit-codes.ts'
import { printError } from '../print.ts'
import { reloadLines } from '../reload-lines.ts'
import { NAMESPACE_OPTION } from '../start-flags.ts'

/** `bulkhead start`: runs a broker until it is told to stop. */
export function startCommand(name: string): Command {
  return new Command(name)
    .description('Start a broker. Without a config: on loopback only, with an example plugin that decides.')
    .option('-c, --config <file>', 'the config, a YAML file')
    .option(...NAMESPACE_OPTION)
    .action(async ({ config, pluginNamespace }: { config?: string; pluginNamespace?: string }) =>
      start(config, pluginNamespace),
    )
}

async function start(file: string | undefined, pluginNamespace: string | undefined): Promise<void> {
  const { createBroker } = await import('../../index.ts')
  const broker = await createBroker(file, {
    controlSocket: ownSocketPath(),
    ...(pluginNamespace === undefined ? {} : { pluginNamespace }),
  })
  const stopAsked = stopSignal()
  const hasStarted = await Promise.race([broker.start().then(() => true), stopAsked.then(() => false)])
  if (!hasStarted) return broker.stop()
  process.on('SIGHUP', () => void reload(broker))
  const lines = [...broker.describe()]
  if (file === undefined) lines.push('', ...whatToTry(broker.listeners))
  process.stdout.write(`${lines.join('\n')}\n`)
  const failure = await Promise.race([broker.failed, broker.stopping, stopAsked])
  // who is not acknowledged any more finds another server the sooner
  await broker.stop(failure === undefined ? {} : { drainSec: 0 })
  // whoever runs it starts it anew, from what is on the disk
  if (failure !== undefined) throw failure
  // nobody has read the lines above: whoever stalls does not hold the end
  if (process.stdout.writableLength > 0) process.exit(EXIT.ok)
}

/** What is wrong with the config is said, and nothing else happens: the broker goes on as it is. */
async function reload(broker: Broker): Promise<void> {
  try {
    process.stdout.write(`${reloadLines(await broker.reload()).join('\n')}\n`)
  } catch (error) {
    printError(error)
  }
}

/** Resolves at the first SIGINT or SIGTERM. A second one ends the process as it stands. */
function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let asked = false
  const onSignal = (): void => {
    if (asked) process.exit(EXIT.interrupted)
    asked = true
    resolve()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return promise
}

/** Commands that show the demo's plugin at work. */
function whatToTry(listeners: readonly { readonly type: string; readonly port: number }[]): string[] {
  const port = listeners.find(({ type }) => type === 'tcp')?.port ?? 1883
  const at = port === 1883 ? '' : ` -p ${port}`
  return [
    'Try in another terminal (mosquitto_sub and mosquitto_pub take the same flags):',
    `  npm run -s bulkhead -- sub${at} -v -t 'demo/#'`,
    `  npm run -s bulkhead -- pub${at} -t demo/hello -m hi`,
    `  npm run -s bulkhead -- pub${at} -t elsewhere -m hi -q 1 -V 5    refused by the plugin topic-acl`,
    '  npm run -s bulkhead -- tenant create acme --username-prefix acme: --anonymous    a tenant of its own',
  ]
}
