import { Command } from 'commander'
import type { ReloadReport } from '../../index.ts'
import { type ControlPlace, tellControl } from '../ask-control.ts'
import { reloadLines } from '../reload-lines.ts'

interface Options extends ControlPlace {
  readonly dryRun?: true
  readonly json?: true
}

/** `bulkhead reload`: the running broker reads its config anew, as SIGHUP makes it. */
export function reloadCommand(name: string): Command {
  return new Command(name)
    .description('Have the running broker read its config anew: all of it, or nothing if there is a mistake.')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--socket <path>', 'the control socket of the broker')
    .option('-c, --config <file>', 'the config, a YAML file that names the socket')
    .option('--json', 'print the answer as JSON')
    .action(async (options: Options) => reload(options))
}

async function reload(options: Options): Promise<void> {
  const { body } = await tellControl(options, `/v1/reload?dryRun=${options.dryRun === true}`)
  const report = body as ReloadReport
  const lines = options.json === true ? [JSON.stringify(report, null, 2)] : reloadLines(report)
  process.stdout.write(`${lines.join('\n')}\n`)
}
