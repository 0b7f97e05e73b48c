import { CONFIG_ERRORS, DEFAULT_LIMITS } from '../limits.ts'
import type { ConfigSchema } from '../sdk/config-schema.ts'
import { conform, type Mistakes } from './conform.ts'

type Options = Readonly<Record<string, unknown>>

/** A plugin that declares no schema takes no options. */
const NO_OPTIONS: ConfigSchema = { type: 'object', additionalProperties: false }

/**
 * Checks a plugin's options against its manifest's schema and fills in the defaults. The schema was linted
 * when the manifest was checked: it holds nothing but the safe subset, so walking it is bounded work.
 *
 * @returns the complete options, or every mistake in words: which option, what was expected, what was given.
 */
export function validateConfig(
  schema: Options | undefined,
  options: Options,
  configKiB: number = DEFAULT_LIMITS.configKiB,
): { readonly config: Options } | { readonly errors: readonly string[] } {
  const size = Buffer.byteLength(JSON.stringify(options))
  if (size > configKiB * 1024) {
    return {
      errors: [`the options have ${Math.ceil(size / 1024)} KiB; the limit (configKiB) is ${configKiB}`],
    }
  }
  const mistakes: Mistakes = { list: [], most: CONFIG_ERRORS }
  const config = conform((schema as ConfigSchema | undefined) ?? NO_OPTIONS, options, '', mistakes)
  return mistakes.list.length > 0 ? { errors: mistakes.list } : { config: config as Options }
}
