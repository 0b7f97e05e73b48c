import path from 'node:path'
import { Command } from 'commander'
import { restoreStore } from '../../engine/sqlite/store-copy.ts'
import { bytesText } from '../bytes-text.ts'
import { dataFolderOf, dataOptions, type DataPlace } from '../data-folder.ts'

interface Options extends DataPlace {
  readonly force?: true
}

/** `bulkhead restore`: a backup takes the place of what a broker that does not run has kept. */
export function restoreCommand(name: string): Command {
  const command = new Command(name)
    .description('Put a backup in the place of what a broker keeps. The broker must not run.')
    .argument('<file>', 'the backup')
    .option('--force', 'put aside what the folder holds')
    .action(async (file: string, options: Options) => restore(path.resolve(file), options))
  for (const option of dataOptions()) command.addOption(option)
  return command
}

async function restore(file: string, options: Options): Promise<void> {
  const folder = await dataFolderOf(options)
  const { bytes, before } = await restoreStore(file, folder, options.force === true)
  process.stdout.write(`${folder}: ${bytesText(bytes)} of ${file}\n`)
  if (before !== null) process.stdout.write(`what was there is in ${before}\n`)
}
