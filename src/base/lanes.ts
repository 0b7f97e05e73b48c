import { mapKey } from './map-key.ts'

/** What travels in a lane. */
export interface LaneEntry {
  /** Who comes behind it; set by the lane alone, as are the other two. */
  next: LaneEntry | null
  isFirst: boolean
  isReady: boolean
  /** Its turn has come. */
  leave(): void
}

/**
 * What becomes ready in any order and leaves in the order in which it came: each lane, by its name, for
 * itself. The entries are their own list: an entry costs no allocation.
 */
export class Lanes {
  /** A lane is here as long as somebody is in it. */
  readonly #lasts = new Map<string, LaneEntry>()

  /** Lanes with somebody in them. */
  get size(): number {
    return this.#lasts.size
  }

  enter(name: string, entry: LaneEntry): void {
    const key = mapKey(name)
    const last = this.#lasts.get(key)
    if (last === undefined) entry.isFirst = true
    else last.next = entry
    this.#lasts.set(key, entry)
  }

  /** The entry, and who waits behind it for nothing else, leave; now, or when it is the first. */
  ready(name: string, entry: LaneEntry): void {
    entry.isReady = true
    let first: LaneEntry | null = entry.isFirst ? entry : null
    while (first?.isReady === true) {
      const { next }: LaneEntry = first
      if (next === null) this.#lasts.delete(mapKey(name))
      else next.isFirst = true
      first.leave()
      first = next
    }
  }
}
