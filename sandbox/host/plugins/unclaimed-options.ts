import { BulkheadError } from '../../../src/base/errors.ts'
import { didYouMean } from '../../../src/base/nearest.ts'
import { foldOption, optionNames } from '../../manifest/own-options.ts'
import type { PluginSource, PreparedPlugin } from '../host-ports.ts'

/**
 * Where several plugins share their options, each takes its own; one that none of them takes is a mistake,
 * since whoever mistypes an option must not believe that it works. Undefined: there is none.
 */
export function unclaimedOptions(
  sources: readonly Pick<PluginSource, 'sharesOptions' | 'options'>[],
  prepared: readonly Pick<PreparedPlugin, 'bundle'>[],
): BulkheadError | undefined {
  const sharing = sources.filter(({ sharesOptions }) => sharesOptions === true)
  const known = prepared.flatMap(({ bundle }) => optionNames(bundle?.manifest.config))
  const taken = new Set(known.map(foldOption))
  const keys = new Set(sharing.flatMap(({ options }) => Object.keys(options)))
  const unclaimed = [...keys].filter((key) => !taken.has(foldOption(key)))
  if (unclaimed.length === 0) return undefined
  const sentences = unclaimed.map(
    (key) => `no plugin takes the option ${JSON.stringify(key)}${didYouMean(key, known)}`,
  )
  return new BulkheadError('ERR_PLUGIN_CONFIG', sentences.join('; '))
}
