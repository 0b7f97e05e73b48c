import { METRICS_PER_PLUGIN } from '../base/limits.ts'

/** One counter or gauge of a plugin's. */
export interface PluginMetric {
  readonly tenant: string
  readonly plugin: string
  readonly kind: 'count' | 'gauge'
  readonly name: string
  readonly value: number
}

/** What plugins count and gauge, since the broker's start. */
export class PluginMetrics {
  readonly #byTenant = new Map<string, Map<string, Map<string, PluginMetric>>>()

  /** A counter grows by `value`, a gauge becomes it. What is above the bound of names is not kept. */
  report(tenant: string, plugin: string, kind: PluginMetric['kind'], name: string, value: number): void {
    const own = within(within(this.#byTenant, tenant), plugin)
    const known = own.get(name)
    if (known === undefined && own.size >= METRICS_PER_PLUGIN) return
    const before = kind === 'count' && known?.kind === 'count' ? known.value : 0
    // sums stay numbers that can be shown and compared
    const sum = Math.min(before + value, Number.MAX_VALUE)
    own.set(name, { tenant, plugin, kind, name, value: sum })
  }

  read(): readonly PluginMetric[] {
    return [...this.#byTenant.values()].flatMap((plugins) =>
      [...plugins.values()].flatMap((own) => [...own.values()]),
    )
  }
}

function within<Value>(map: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  let found = map.get(key)
  if (found === undefined) map.set(key, (found = new Map<string, Value>()))
  return found
}
