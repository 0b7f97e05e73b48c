import { buildClient } from './build-client.ts'
import { checkShape } from './check-shape.ts'
import type { ClientConfig } from './client-config.ts'
import { ConfigProblems } from './config-problems.ts'
import type { ConfigInput } from './load-config.ts'
import { readSource } from './read-source.ts'
import { resolveReferences } from './resolve-references.ts'

/**
 * Loads a client's config from a YAML file or an object of the same schema; without either, all is as by
 * default. `${NAME}` is filled in.
 *
 * @throws BulkheadError ERR_CONFIG_READ, ERR_CONFIG_SYNTAX, ERR_CONFIG_INVALID or ERR_PLUGIN_NOT_FOUND, whose
 * message has one line for every mistake there is.
 */
export async function loadClientConfig(
  input: ConfigInput = {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<ClientConfig> {
  const problems = new ConfigProblems()
  const { tree, baseDir } = await readSource(input, problems)
  problems.throwIfAny()
  resolveReferences(tree, { env, baseDir }, problems)
  const { root } = checkShape(tree, problems, 'client')
  const config = buildClient({ tree, root, baseDir, problems })
  problems.throwIfAny()
  return config
}
