import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { BulkheadError, messageOf } from '../../base/errors.ts'

/**
 * Reads a map from a YAML file, which a JSON file is too; what is in it the broker checks.
 *
 * @throws BulkheadError ERR_USAGE
 */
export async function readSettings(file: string): Promise<Readonly<Record<string, unknown>>> {
  let value: unknown
  try {
    value = parse(await readFile(file, 'utf8'), { schema: 'core' }) ?? {}
  } catch (cause) {
    throw new BulkheadError('ERR_USAGE', `${file}: ${messageOf(cause)}`, { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>
  throw new BulkheadError('ERR_USAGE', `${file} is no map of keys`)
}
