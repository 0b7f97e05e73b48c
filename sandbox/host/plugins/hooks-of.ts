import { ASKERS, type HookName } from '../../sdk/hooks.ts'
import type { PreparedPlugin } from '../host-ports.ts'

/**
 * The hooks by which a plugin is asked and told: those that it declares, but for questions that the operator
 * puts to others alone. What did not build may have meant to guard anything: it stays declared for every
 * question that would have been its own.
 */
export function hooksOf({
  bundle,
  unasked = [],
}: Pick<PreparedPlugin, 'bundle' | 'unasked'>): ReadonlySet<HookName> {
  const declared: readonly HookName[] = bundle === null ? ASKERS : bundle.manifest.hooks
  const withheld: readonly HookName[] = unasked
  return new Set(declared.filter((hook) => !withheld.includes(hook)))
}
