import {
  type PluginHost,
  type PluginSource,
  type PreparedPlugin,
  type SandboxLimits,
  unclaimedOptions,
} from '../../sandbox/index.ts'
import { BulkheadError } from '../base/errors.ts'
import { PREPARED_AT_ONCE } from '../base/limits.ts'
import { mapInTurn } from '../base/map-in-turn.ts'

/** What a tenant's plugins came to. */
export interface PreparedPlugins {
  readonly prepared: readonly PreparedPlugin[]
  /** Those that could not be built or probed: each closes its tenant until it can. */
  readonly failed: readonly { readonly name: string; readonly error: BulkheadError }[]
}

/**
 * Mistakes of the operator's, which stop the start; everything else is the plugin's own, and closes its
 * tenant.
 */
const OPERATORS: ReadonlySet<string> = new Set([
  'ERR_PLUGIN_NOT_FOUND',
  'ERR_PLUGIN_CONFIG',
  'ERR_PLUGIN_CAPABILITY',
])

/**
 * Builds, probes and checks the plugins of one tenant.
 *
 * @throws BulkheadError for all of the operator's mistakes at once.
 */
export async function preparePlugins(
  host: PluginHost,
  sources: readonly PluginSource[],
  limits: SandboxLimits,
): Promise<PreparedPlugins> {
  const results = await mapInTurn(sources, PREPARED_AT_ONCE, (source) => prepare(host, source, limits))
  const errors = results.flatMap(({ error }) => (error === null ? [] : [error]))
  const mistakes = errors.filter(({ code }) => OPERATORS.has(code))
  const [first] = mistakes
  if (first !== undefined) {
    throw new BulkheadError(first.code, mistakes.map(({ message }) => message).join('\n'), { cause: first })
  }
  const prepared = results.map((result) => result.prepared)
  const unclaimed = errors.length === 0 ? unclaimedOptions(sources, prepared) : undefined
  if (unclaimed !== undefined) throw unclaimed
  return {
    prepared,
    failed: results.flatMap(({ prepared, error }) =>
      error === null ? [] : [{ name: prepared.name, error }],
    ),
  }
}

async function prepare(
  host: PluginHost,
  source: PluginSource,
  limits: SandboxLimits,
): Promise<{ prepared: PreparedPlugin; error: BulkheadError | null }> {
  try {
    return { prepared: await host.prepare(source, limits), error: null }
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error
    // without a bundle it stays declared for every security hook, so that nothing opens by its absence
    const nothing = { bundle: null, config: {}, capabilities: {}, secrets: {} }
    return { prepared: { name: source.name, ...nothing, unasked: source.unasked ?? [] }, error }
  }
}
