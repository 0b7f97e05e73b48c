import { Command } from 'commander'
import type { BrokerStatus } from '../../index.ts'
import { askControl, type ControlPlace } from '../ask-control.ts'
import { EXIT } from '../exit-codes.ts'
import { statusLines } from '../status-lines.ts'

interface Options extends ControlPlace {
  readonly json?: true
}

/** `bulkhead status`: whether the running broker serves its clients, and how much it has. */
export function statusCommand(name: string): Command {
  return new Command(name)
    .description('Ask the running broker how it is. Ends with 0 if it is ready, with 1 if it is not.')
    .option('--socket <path>', 'the control socket of the broker')
    .option('-c, --config <file>', 'the config, a YAML file that names the socket')
    .option('--json', 'print the answer as JSON')
    .action(async (options: Options) => status(options))
}

async function status(options: Options): Promise<void> {
  const answer = (await askControl(options, '/v1/status')) as BrokerStatus
  const lines = options.json === true ? [JSON.stringify(answer, null, 2)] : statusLines(answer)
  process.stdout.write(`${lines.join('\n')}\n`)
  if (!answer.ready) process.exitCode = EXIT.error
}
