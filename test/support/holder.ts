import type { Holder, Power } from '../../sandbox/host/capabilities/power.ts'
import { DEFAULT_LIMITS } from '../../sandbox/limits.ts'

/** A plugin as powers know it. */
export function holder(change: Partial<Holder> = {}): Holder {
  const whose = { tenant: 'acme', plugin: 'gate', seesPayload: false, secrets: {} }
  return { ...whose, grant: true, limits: DEFAULT_LIMITS, ...change }
}

/** Calls a power with what JSON makes of the argument, as a cell's frame would. */
export async function call(power: Power | undefined, argument: unknown): Promise<unknown> {
  const crossed: unknown = JSON.parse(JSON.stringify(argument))
  return power?.call?.(crossed, new AbortController().signal)
}
