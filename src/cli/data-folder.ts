import path from 'node:path'
import { Option } from 'commander'
import { BulkheadError } from '../base/errors.ts'
import { loadConfig } from '../config/load-config.ts'

/** Where a broker keeps its data, as the command line says. */
export interface DataPlace {
  readonly data?: string
  /** A config file, whose `data` it is. */
  readonly config?: string
}

/** The flags of {@link DataPlace}. */
export function dataOptions(): readonly Option[] {
  return [
    new Option('--data <dir>', 'the data folder').conflicts('config'),
    new Option('-c, --config <file>', 'the config, a YAML file that names the data folder'),
  ]
}

/**
 * @returns an absolute path.
 * @throws BulkheadError ERR_USAGE: neither is given; ERR_CONFIG_INVALID, or that it names none.
 */
export async function dataFolderOf({ data, config }: DataPlace): Promise<string> {
  if (data !== undefined) return path.resolve(data)
  if (config === undefined) throw new BulkheadError('ERR_USAGE', 'give --data DIR, or --config FILE')
  const folder = (await loadConfig(config)).config.data
  if (folder === undefined) throw new BulkheadError('ERR_USAGE', `${config}: no data: nothing is kept`)
  return folder
}
