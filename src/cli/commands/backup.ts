import path from 'node:path'
import { Command } from 'commander'
import { backupStore } from '../../engine/sqlite/store-copy.ts'
import { dataFolderOf, dataOptions, type DataPlace } from '../data-folder.ts'
import { bytesText } from '../bytes-text.ts'

interface Options extends DataPlace {
  readonly force?: true
}

/** `bulkhead backup`: one file with all that a broker keeps, whether it runs or not. */
export function backupCommand(name: string): Command {
  const command = new Command(name)
    .description('Copy what a broker keeps, as it is at one moment, into one file. The broker may run.')
    .argument('<file>', 'where the backup is to be')
    .option('--force', 'replace a file of that name')
    .action(async (file: string, options: Options) => backup(path.resolve(file), options))
  for (const option of dataOptions()) command.addOption(option)
  return command
}

async function backup(file: string, options: Options): Promise<void> {
  const folder = await dataFolderOf(options)
  const { bytes } = await backupStore(folder, file, options.force === true)
  process.stdout.write(`${file}: ${bytesText(bytes)} of ${folder}, whole and on the disk\n`)
}
