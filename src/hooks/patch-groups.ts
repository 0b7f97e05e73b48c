import { isDeepStrictEqual } from 'node:util'
import type { CheckedPatch } from '../../sandbox/index.ts'

/** Those for whom a message is changed in one and the same way. */
export interface PatchGroup {
  readonly patch: CheckedPatch
  readonly places: readonly number[]
}

/** No patch yet, or two that differ. */
const NONE = -1
const CONTRADICTION = -2

/**
 * What plugins want changed of a message, recipient by recipient. Neither the order of plugins nor that of
 * their groups matters: equal patches are one, and who is to get two different ones gets nothing.
 */
export class PatchGroups {
  readonly #patches: CheckedPatch[] = []
  /** By place. */
  readonly #patchAt: Int32Array

  constructor(targetCount: number) {
    this.#patchAt = new Int32Array(targetCount).fill(NONE)
  }

  add(patch: CheckedPatch, places: readonly number[]): void {
    if (places.length === 0 || Object.keys(patch).length === 0) return
    const group = this.#numberOf(patch)
    for (const place of places) {
      const known = this.#patchAt[place]
      this.#patchAt[place] = known === NONE || known === group ? group : CONTRADICTION
    }
  }

  isContradicted(place: number): boolean {
    return this.#patchAt[place] === CONTRADICTION
  }

  /** Those that have somebody in them, of those that `isMeant`. */
  groups(isMeant: (place: number) => boolean): readonly PatchGroup[] {
    const places = this.#patches.map((): number[] => [])
    this.#patchAt.forEach((group, place) => {
      if (group >= 0 && isMeant(place)) places[group]?.push(place)
    })
    return this.#patches
      .map((patch, group) => ({ patch, places: places[group] ?? [] }))
      .filter((each) => each.places.length > 0)
  }

  #numberOf(patch: CheckedPatch): number {
    const known = this.#patches.findIndex((each) => isDeepStrictEqual(each, patch))
    return known === -1 ? this.#patches.push(patch) - 1 : known
  }
}
