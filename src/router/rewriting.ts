import { Buffer } from 'node:buffer'
import { RENAMED_TOPIC_BYTES } from '../base/limits.ts'
import {
  filterMatches,
  type FilterRefusal,
  type ParsedFilter,
  parseFilter,
  type Renaming,
} from './topic-filter.ts'

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
 */
class CarriedLevels implements Renaming {
  readonly #asked: ParsedFilter
  readonly #routed: readonly string[]

  constructor(asked: ParsedFilter, routed: ParsedFilter) {
    this.#asked = asked
    this.#routed = routed.levels
  }

  nameOf(topic: string): string | null {
    if (topic.length > RENAMED_TOPIC_BYTES) return null
    const levels = topic.split('/')
    const carried: string[][] = []
    this.#routed.forEach((level, depth) => {
      if (level === '+') carried.push(levels.slice(depth, depth + 1))
      else if (level === '#') carried.push(levels.slice(depth))
    })
    let wildcard = 0
    const name = this.#asked.levels.flatMap((level) =>
      isWildcard(level) ? (carried[wildcard++] ?? []) : level,
    )
    return this.#nameIn(name.join('/'))
  }

  /**
   * Not every topic has a name there: `home`, which `home/#` matches, would be empty under `#`; `home/$a`
   * would begin with `$`, which `#` does not match [MQTT-4.7.2-1]; and a name may become too long.
   */
  #nameIn(name: string): string | null {
    const isName = name !== '' && Buffer.byteLength(name) <= RENAMED_TOPIC_BYTES
    return isName && filterMatches(this.#asked.filter, name) ? name : null
  }
}

function isWildcard(level: string): boolean {
  return level === '+' || level === '#'
}
