import { RECENT_BUNDLES } from '../../limits.ts'
import type { Bundle } from '../../bundle/bundle-format.ts'

/**
 * Bundles that were made lately, or are being made, by what they are made of: many tenants of a host use the
 * same plugin, and each build takes a process, and its probe another. A bundle that could not be made is
 * forgotten, so that it is tried again.
 */
export class RecentBundles {
  /** In the order of their last use. */
  readonly #made = new Map<string, Promise<Bundle>>()

  /** @param make called unless it was made lately. */
  of(key: string, make: () => Promise<Bundle>): Promise<Bundle> {
    const known = this.#made.get(key) ?? this.#begin(key, make)
    this.#made.delete(key)
    this.#made.set(key, known)
    const [oldest] = this.#made.keys()
    if (this.#made.size > RECENT_BUNDLES && oldest !== undefined) this.#made.delete(oldest)
    return known
  }

  #begin(key: string, make: () => Promise<Bundle>): Promise<Bundle> {
    const making = make()
    making.catch(() => {
      if (this.#made.get(key) === making) this.#made.delete(key)
    })
    return making
  }
}
