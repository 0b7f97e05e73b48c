import { REVOCATIONS_PER_PLUGIN } from '../base/limits.ts'

/** Of whom, or under which tag, a plugin takes back what it has said. */
export type TakenBackOf = { readonly clientId: string } | { readonly tag: string }

/** Whom something was said of, and under which tag. */
export interface SaidOf {
  readonly clientId: string
  readonly tag: string | undefined
}

/**
 * What one plugin took back of late, and when: a client that is still being authenticated is not there to be
 * found, and gets grants of before.
 */
export class Revocations {
  /** By client or tag, the latest last; on the monotonic clock in ms. */
  readonly #at = new Map<string, number>()
  /** When the latest was that is no longer known in detail. */
  #forgottenAt = Number.NEGATIVE_INFINITY

  add(of: TakenBackOf, now: number): void {
    const key = 'tag' in of ? tagKey(of.tag) : clientKey(of.clientId)
    this.#at.delete(key)
    this.#at.set(key, now)
    if (this.#at.size <= REVOCATIONS_PER_PLUGIN) return
    const [oldest, at] = this.#at.entries().next().value as [string, number]
    this.#at.delete(oldest)
    this.#forgottenAt = at
  }

  /**
   * Whether it was taken back since; in doubt it was.
   *
   * @param since on the monotonic clock in ms.
   */
  concerns({ clientId, tag }: SaidOf, since: number): boolean {
    if (since <= this.#forgottenAt) return true
    const isLater = (key: string): boolean => since <= (this.#at.get(key) ?? Number.NEGATIVE_INFINITY)
    return isLater(clientKey(clientId)) || (tag !== undefined && isLater(tagKey(tag)))
  }
}

function clientKey(clientId: string): string {
  return `client ${clientId}`
}

function tagKey(tag: string): string {
  return `tag ${tag}`
}
