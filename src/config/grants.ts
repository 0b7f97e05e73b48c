import type { Grants } from './broker-config.ts'
import { isPlainMap } from './config-tree.ts'

export type CapabilityName = keyof Grants
type CapabilityRequest = NonNullable<Grants[CapabilityName]>

/**
 * How far each power reaches: what stays inside the tenant is granted to whoever asks; what reaches beyond
 * it, or sees what the tenant did not choose to show, only where an operator names it.
 */
const REACH: Readonly<Record<CapabilityName, 'inside' | 'beyond'>> = {
  log: 'inside',
  publish: 'inside',
  kv: 'inside',
  fetch: 'beyond',
  timers: 'inside',
  sessions: 'inside',
  retained: 'inside',
  subscriptions: 'inside',
  subscribe: 'inside',
  crypto: 'inside',
  metrics: 'inside',
  access: 'inside',
  query: 'beyond',
  ldap: 'beyond',
  brokerConfig: 'beyond',
  password: 'beyond',
  payload: 'inside',
}

/** Every power that a plugin can ask for. */
export const CAPABILITIES: readonly CapabilityName[] = Object.keys(REACH) as CapabilityName[]

/**
 * `true`, `false` to withhold, or bounds, by capability: what a config says in `allow` and `capabilities`.
 */
export type WrittenGrants = Readonly<
  Partial<Record<CapabilityName, boolean | Readonly<Record<string, unknown>>>>
>

/** What a tenant's plugins may be granted: all that stays inside the tenant, and what `allow` names. */
export function tenantGrants(allow: WrittenGrants): Grants {
  const grants: Partial<Record<CapabilityName, CapabilityRequest>> = {}
  for (const name of CAPABILITIES) {
    const grant = allow[name] ?? REACH[name] === 'inside'
    if (grant !== false) grants[name] = grant
  }
  return grants
}

/**
 * What one plugin may be granted: its tenant's grants, narrowed by its own `capabilities`. Calls `refuse` for
 * each that would be wider than the tenant's.
 */
export function pluginGrants(
  tenant: Grants,
  written: WrittenGrants,
  refuse: (name: CapabilityName, why: string) => void,
): Grants {
  const grants = { ...tenant }
  for (const name of CAPABILITIES) {
    const [wanted, allowed] = [written[name], tenant[name]]
    if (wanted === undefined) continue
    if (wanted === false) delete grants[name]
    else if (allowed === undefined)
      refuse(name, "the tenant does not allow it; name it in the tenant's `allow`")
    else {
      const narrowed = narrow(allowed, wanted)
      if (narrowed === undefined) refuse(name, "wider than the tenant's `allow`")
      else grants[name] = narrowed
    }
  }
  return grants
}

/**
 * `wanted` within `allowed`, or undefined where it asks for more. A bound that is not written is the
 * tenant's.
 */
function narrow(allowed: CapabilityRequest, wanted: CapabilityRequest): CapabilityRequest | undefined {
  if (wanted === true || allowed === true) return wanted === true ? allowed : wanted
  const narrowed: Record<string, unknown> = { ...allowed }
  for (const [bound, value] of Object.entries(wanted)) {
    const outer = allowed[bound]
    if (outer !== undefined && !isWithin(outer, value)) return undefined
    narrowed[bound] = value
  }
  return narrowed
}

/** Numbers bound from above, lists by their members; anything else must be the same. */
function isWithin(outer: unknown, inner: unknown): boolean {
  if (typeof outer === 'number') return typeof inner === 'number' && inner <= outer
  if (Array.isArray(outer)) return Array.isArray(inner) && inner.every((item) => outer.includes(item))
  return !isPlainMap(outer) && outer === inner
}
