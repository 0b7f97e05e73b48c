import { Histogram } from '../base/histogram.ts'
import type { Sample } from './metrics.ts'

/** What those are called that have no series of their own; no tenant and no plugin can be called so. */
export const OTHERS = '_other'

/**
 * Bounds the series of all metrics: so many tenants have series of their own, and so many plugins; whoever
 * comes later is part of one that stands for all others, and stays so while the process lives, so that no
 * counter jumps. When one of those is deleted, what it had counted goes with it.
 */
export class SeriesRoom {
  readonly #most: number
  readonly #tenants = new Set<string>()
  readonly #plugins = new Set<string>()
  readonly #others = new Set<string>()
  #isShared = false

  /** @param most tenants, and plugins of all tenants together, with series of their own. */
  constructor(most: number) {
    this.#most = most
  }

  /** Samples of one metric as they are to be shown: those of whoever shares a series added up. */
  shown(samples: Iterable<Sample>): Iterable<Sample> {
    const all = [...samples]
    return this.#isShared ? summed(all) : all
  }

  /** How many of these tenants share one series. */
  foldedOf(tenants: Iterable<string>): number {
    let folded = 0
    for (const tenant of tenants) if (this.tenant(tenant) === OTHERS) folded += 1
    return folded
  }

  /** Leaves the room of those who are no more to others. */
  keepOnly(tenants: ReadonlyMap<string, unknown>): void {
    for (const tenant of this.#tenants) if (!tenants.has(tenant)) this.#tenants.delete(tenant)
    for (const other of this.#others) if (!tenants.has(other)) this.#others.delete(other)
    for (const plugin of this.#plugins) {
      if (!tenants.has(plugin.slice(0, plugin.indexOf('/')))) this.#plugins.delete(plugin)
    }
  }

  /** The label of a tenant. */
  tenant(name: string): string {
    if (this.#tenants.has(name)) return name
    if (this.#tenants.size >= this.#most) this.#others.add(name)
    if (!this.#others.has(name)) {
      this.#tenants.add(name)
      return name
    }
    this.#isShared = true
    return OTHERS
  }

  /** The labels of a plugin: its tenant and its name. */
  plugin(tenant: string, name: string): readonly [tenant: string, plugin: string] {
    const shown = this.tenant(tenant)
    const id = `${tenant}/${name}`
    if (this.#plugins.has(id)) return [shown, name]
    if (shown !== OTHERS && this.#plugins.size < this.#most) {
      this.#plugins.add(id)
      return [shown, name]
    }
    this.#isShared = true
    return [shown, OTHERS]
  }
}

/** Samples of one metric, those with the same labels added up. */
function summed(samples: Iterable<Sample>): Iterable<Sample> {
  const sums = new Map<string, Sample>()
  for (const [labels, value] of samples) {
    const key = labels.join('\n')
    const [, before] = sums.get(key) ?? []
    sums.set(key, [labels, before === undefined ? value : plus(before, value)])
  }
  return sums.values()
}

function plus(one: Sample[1], other: Sample[1]): Sample[1] {
  if (typeof one === 'number' && typeof other === 'number') return one + other
  if (typeof one === 'number' || typeof other === 'number') return one
  return new Histogram(one.bounds).add(one).add(other)
}
