import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { CONFIG_FILE_BYTES } from '../base/limits.ts'
import type { ConfigProblems } from './config-problems.ts'
import type { ConfigTree } from './config-tree.ts'
import { copyPlain } from './copy-plain.ts'
import { DEMO_CONFIG } from './demo-config.ts'
import { parseYaml } from './parse-yaml.ts'

/** A config as it was given, before anything was checked. */
export interface ConfigSource {
  readonly tree: ConfigTree
  readonly baseDir: string
  readonly file: string | undefined
  readonly demo: boolean
}

/**
 * Reads a config from a file, an object, or nowhere, which means the demo.
 *
 * @throws BulkheadError ERR_CONFIG_READ
 */
export async function readSource(
  source: string | Readonly<Record<string, unknown>> | undefined,
  problems: ConfigProblems,
): Promise<ConfigSource> {
  if (typeof source !== 'string') {
    const tree = copyPlain(source ?? DEMO_CONFIG, problems)
    return { tree, baseDir: process.cwd(), file: undefined, demo: source === undefined }
  }
  const tree = parseYaml(await textOfConfig(source), source, problems)
  return { tree, baseDir: path.dirname(path.resolve(source)), file: path.resolve(source), demo: false }
}

/**
 * The text of a config file.
 *
 * @throws BulkheadError ERR_CONFIG_READ
 */
export async function textOfConfig(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size <= CONFIG_FILE_BYTES) return await readFile(file, 'utf8')
  } catch (error) {
    throw new BulkheadError('ERR_CONFIG_READ', messageOf(error), { cause: error })
  }
  throw new BulkheadError('ERR_CONFIG_READ', `${file} is larger than ${CONFIG_FILE_BYTES} bytes`)
}
