import { Buffer } from 'node:buffer'
import { TOPIC_BYTES } from '../base/limits.ts'
import { type FilterRefusal, type ParsedFilter, parseFilter, type Renaming } from './topic-filter.ts'

/**
 * The filter by which a subscription is routed in place of the one that its client asked for. Its share name
 * stays; its topics have their names in the client's space, see {@link ParsedFilter.renaming}.
 *
 * @returns a refusal where topics of the one filter have no one name under the other.
 */
export function rewrite(asked: ParsedFilter, rewriteTo: string): ParsedFilter | FilterRefusal {
  const routed = parseFilter(rewriteTo)
  if ('refusal' in routed) return routed
  if (routed.shareName !== '') return { refusal: 'a filter is rewritten without $share, which stays' }
  const wildcards = asked.levels.filter(isWildcard)
  const others = routed.levels.filter(isWildcard)
  // with fewer or other wildcards, what they match would be lost, or would have to be made up
  if (wildcards.join() !== others.join()) {
    return { refusal: 'the wildcards of both filters must be the same, in the same order' }
  }
  return { ...routed, shareName: asked.shareName, renaming: new CarriedLevels(asked, routed) }
}

/**
 * What the wildcards of the routed filter match is carried over to those of the filter that was asked for:
 * with `home/#` in place of `#`, `home/kitchen/lamp` is `kitchen/lamp` to the client.
 *
 * A topic may be as long as the standard allows, and have as many names as subscribers: nothing of it is
 * copied here.
 */
class CarriedLevels implements Renaming {
  readonly asked: string
  readonly #asked: readonly string[]
  readonly #routed: readonly string[]
  /** Bytes that a name has more than its topic. */
  readonly #growth: number

  constructor(asked: ParsedFilter, routed: ParsedFilter) {
    this.asked = asked.filter
    this.#asked = asked.levels
    this.#routed = routed.levels
    this.#growth = Buffer.byteLength(asked.filter) - Buffer.byteLength(routed.filter)
  }

  /**
   * Not every topic has a name there: `home`, which `home/#` matches, would be empty under `#`; `home/$a`
   * would begin with `$`, which `#` does not match [MQTT-4.7.2-1]; and a name may become too long.
   */
  nameOf(topic: string): string | null {
    const carried = carriedBy(this.#routed, topic)
    let name: string | null = null
    let wildcard = 0
    for (const level of this.#asked) {
      const text = isWildcard(level) ? carried[wildcard++] : level
      // of # no level at all may be left
      if (text !== undefined) name = name === null ? text : `${name}/${text}`
    }
    if (name === null || name === '') return null
    if (name.startsWith('$') && isWildcard(this.#asked[0] ?? '')) return null
    return this.#growth > 0 && Buffer.byteLength(topic) + this.#growth > TOPIC_BYTES ? null : name
  }
}

/** What each wildcard of a filter matches of a topic that it matches; of # all that is left, if any is. */
function carriedBy(filter: readonly string[], topic: string): readonly string[] {
  const carried: string[] = []
  let start = 0
  for (const level of filter) {
    if (level === '#') {
      if (start <= topic.length) carried.push(topic.slice(start))
      break
    }
    const slash = topic.indexOf('/', start)
    const end = slash === -1 ? topic.length : slash
    if (level === '+') carried.push(topic.slice(start, end))
    start = end + 1
  }
  return carried
}

function isWildcard(level: string): boolean {
  return level === '+' || level === '#'
}
