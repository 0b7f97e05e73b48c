import { type BuiltConfig, buildConfig } from './build-config.ts'
import { checkShape } from './check-shape.ts'
import { ConfigProblems } from './config-problems.ts'
import { applyEnvOverrides } from './env-overrides.ts'
import type { Pointer } from './pointer.ts'
import { readSource } from './read-source.ts'
import { resolveReferences } from './resolve-references.ts'

/** What a broker is made from: the path of a YAML file, or the same as an object. */
export type ConfigInput = string | Readonly<Record<string, unknown>>

export interface LoadedConfig extends BuiltConfig {
  /** The config as somebody would write it who leaves out nothing: defaults and overrides filled in. */
  readonly effective: Readonly<Record<string, unknown>>
  /** Where each value that was written stands: `broker.yaml:12:5`, or an environment variable. */
  readonly origins: ReadonlyMap<Pointer, string>
  /** Places of values that must not be shown. */
  readonly secrets: ReadonlySet<Pointer>
}

/**
 * Loads a config from a YAML file, an object of the same schema, or the built-in demo when nothing is given.
 * `BULKHEAD_…` variables override, `${NAME}` and `…File` keys are filled in.
 *
 * @param pluginNamespace goes before the config's own.
 * @throws BulkheadError ERR_CONFIG_READ, ERR_CONFIG_SYNTAX, ERR_CONFIG_INVALID or ERR_PLUGIN_NOT_FOUND, whose
 * message has one line for every mistake there is.
 */
export async function loadConfig(
  input: ConfigInput | undefined,
  env: NodeJS.ProcessEnv = process.env,
  pluginNamespace?: string,
): Promise<LoadedConfig> {
  const problems = new ConfigProblems()
  const source = await readSource(input, problems)
  problems.throwIfAny()
  const { tree, baseDir } = source
  if (pluginNamespace !== undefined) tree.root['pluginNamespace'] = pluginNamespace
  const secrets = resolveReferences(tree, { env, baseDir }, problems)
  applyEnvOverrides(tree, env, problems)
  const shaped = checkShape(tree, problems)
  const built = buildConfig(source, shaped, secrets, problems)
  problems.throwIfAny()
  const origins = new Map([...tree.values].map(([pointer, place]) => [pointer, place.origin]))
  return { ...built, effective: shaped.root, origins, secrets }
}
