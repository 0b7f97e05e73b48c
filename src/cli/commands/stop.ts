import { setTimeout as pause } from 'node:timers/promises'
import { Command } from 'commander'
import { BulkheadError } from '../../base/errors.ts'
import { DRAIN_MOST_SEC, STOP_WAIT_MS } from '../../base/limits.ts'
import { answersControl, type ControlPlace, tellControl } from '../ask-control.ts'
import { numberWithin } from '../flag-values.ts'

interface Options extends ControlPlace {
  readonly drain?: number
}

/** `bulkhead stop`: the running broker sends its clients away and ends. */
export function stopCommand(name: string): Command {
  return new Command(name)
    .description('Stop the running broker, and wait for its end. Its clients are sent away first.')
    .option(
      '--drain <seconds>',
      "over so many seconds, in waves; default: the config's",
      numberWithin(0, DRAIN_MOST_SEC),
    )
    .option('--socket <path>', 'the control socket of the broker')
    .option('-c, --config <file>', 'the config, a YAML file that names the socket')
    .action(async (options: Options) => stop(options))
}

async function stop({ drain, ...place }: Options): Promise<void> {
  const query = drain === undefined ? '' : `?drainSec=${drain}`
  const { socket, body } = await tellControl(place, `/v1/stop${query}`)
  const { drainSec } = body as { readonly drainSec: number }
  const deadline = performance.now() + drainSec * 1000 + STOP_WAIT_MS
  while (await answersControl(socket)) {
    if (performance.now() > deadline) {
      throw new BulkheadError('ERR_CONTROL', `the broker at ${socket} was told to stop, and has not yet`)
    }
    await pause(LOOK_MS)
  }
}

const LOOK_MS = 100
