import { Command } from 'commander'
import { reportStore } from '../../engine/sqlite/store-report.ts'
import { dataFolderOf, dataOptions, type DataPlace } from '../data-folder.ts'
import { EXIT } from '../exit-codes.ts'
import { storeLines } from '../store-lines.ts'

interface Options extends DataPlace {
  readonly json?: true
}

/** `bulkhead store check`: whether what a broker keeps is whole, and whose it is. */
export function storeCommand(name: string): Command {
  const check = new Command('check')
    .description('Read all that a broker keeps: is it whole, how large is it, whose is it? It may run.')
    .option('--json', 'print the answer as JSON')
    .action(async (options: Options) => checkStore(options))
  for (const option of dataOptions()) check.addOption(option)
  return new Command(name).description('Examine what a broker keeps.').addCommand(check)
}

async function checkStore(options: Options): Promise<void> {
  const report = reportStore(await dataFolderOf(options))
  const lines = options.json === true ? [JSON.stringify(report, null, 2)] : storeLines(report)
  process.stdout.write(`${lines.join('\n')}\n`)
  if (report.faults.length > 0) process.exitCode = EXIT.error
}
