import { REMEMBERED_TOPIC_CHARS, ROUTE_MATCHES_CACHED, ROUTES_CACHED } from '../base/limits.ts'
import { type Audience, isSubscribed, withMatch, withoutMatch } from './audience.ts'
import { Match, type SubscriptionOptions } from './match.ts'
import { type FilterPlace, type Route, RouteSearch } from './route-search.ts'
import type { ParsedFilter } from './topic-filter.ts'
import { TopicNode } from './topic-node.ts'

export type { Match, SubscriptionOptions } from './match.ts'
export type { Route } from './route-search.ts'

/** All subscriptions of one tenant, by their filters' levels: topics find what matches [MQTT-3.3.2-3]. */
export class SubscriptionTree<S extends object> {
  readonly #root = new FilterNode<S>('')
  readonly #routes = new Map<string, Route<S>>()
  #matchesCached = 0
  #size = 0
  #sharedSize = 0
  /** Counts the changes. */
  #version = 0

  /** Shared subscriptions. */
  get sharedSize(): number {
    return this.#sharedSize
  }

  /** Subscriptions, shared ones included. */
  get size(): number {
    return this.#size
  }

  /**
   * @returns true when it replaced the subscriber's earlier subscription with this filter [MQTT-3.8.4-3]; a
   * filter that a plugin put in place of another one is one of its own, by its renaming.
   */
  add(filter: ParsedFilter, subscriber: S, options: SubscriptionOptions): boolean {
    let node = this.#root
    for (const level of steps(filter)) node = node.stepOrNew(level)
    const before = node.audience(filter)
    const match = Match.of(subscriber, filter, options)
    const replaces = isSubscribed(before, filter.shareName, match.key)
    node.setAudience(filter, withMatch(before, filter.shareName, match))
    if (!replaces) this.#count(filter, 1)
    this.#changed()
    return replaces
  }

  /** @returns false when there was no such subscription. */
  remove(filter: ParsedFilter, subscriber: S): boolean {
    const path = [this.#root]
    let node: FilterNode<S> | undefined = this.#root
    for (const level of steps(filter)) {
      node = node.step(level)
      if (node === undefined) return false
      path.push(node)
    }
    const before = node.audience(filter)
    const key = filter.renaming ?? subscriber
    if (!isSubscribed(before, filter.shareName, key)) return false
    node.setAudience(filter, withoutMatch(before, filter.shareName, key))
    prune(path)
    this.#count(filter, -1)
    this.#changed()
    return true
  }

  #count({ shareName }: ParsedFilter, by: 1 | -1): void {
    this.#size += by
    if (shareName !== '') this.#sharedSize += by
  }

  /**
   * Who gets what is published to this topic [3.1.1 MQTT-3.3.2-3]. The route is immutable but for its groups,
   * which go on turning.
   */
  match(topic: string): Route<S> {
    const known = this.known(topic)
    if (known !== undefined) return known
    const search = this.search(topic)
    while (search.route === null) search.goOn(Number.POSITIVE_INFINITY)
    return search.route
  }

  /** The route of a topic that something was published to lately. */
  known(topic: string): Route<S> | undefined {
    return this.#routes.get(topic)
  }

  /** Finds the route, for who has no time to do it at once; then it is {@link known}, unless it is large. */
  search(topic: string): RouteSearch<S> {
    const version = this.#version
    return new RouteSearch(topic, this.#root, (route) => {
      // what was subscribed meanwhile may be missing in it
      if (version === this.#version && topic.length <= REMEMBERED_TOPIC_CHARS) this.#remember(topic, route)
    })
  }

  #remember(topic: string, route: Route<S>): void {
    const weight = route.matches.length + route.groups.length
    if (weight > ROUTE_MATCHES_CACHED) return
    if (this.#routes.size >= ROUTES_CACHED || this.#matchesCached + weight > ROUTE_MATCHES_CACHED)
      this.#changed()
    this.#routes.set(topic, route)
    this.#matchesCached += weight
  }

  /** The one place where cached routes end: all of them, whichever subscription changed. */
  #changed(): void {
    this.#version += 1
    if (this.#routes.size > 0) this.#routes.clear()
    this.#matchesCached = 0
  }
}

class FilterNode<S extends object> extends TopicNode<FilterNode<S>> implements FilterPlace<S> {
  plus: FilterNode<S> | null = null
  here: Audience<S> = null
  below: Audience<S> = null

  get barren(): boolean {
    return this.here === null && this.below === null && this.plus === null && this.childless
  }

  step(level: string): FilterNode<S> | undefined {
    return level === '+' ? (this.plus ?? undefined) : this.child(level)
  }

  stepOrNew(level: string): FilterNode<S> {
    const known = this.step(level)
    if (known !== undefined) return known
    const node = new FilterNode<S>(level)
    if (level === '+') this.plus = node
    else this.adopt(node)
    return node
  }

  drop(level: string): void {
    if (level === '+') this.plus = null
    else this.disown(level)
  }

  audience(filter: ParsedFilter): Audience<S> {
    return endsInHash(filter) ? this.below : this.here
  }

  setAudience(filter: ParsedFilter, audience: Audience<S>): void {
    if (endsInHash(filter)) this.below = audience
    else this.here = audience
  }
}

/** The levels that lead to a filter's node: `#` is no step, it is kept where it begins. */
function steps(filter: ParsedFilter): readonly string[] {
  return endsInHash(filter) ? filter.levels.slice(0, -1) : filter.levels
}

function endsInHash(filter: ParsedFilter): boolean {
  return filter.levels.at(-1) === '#'
}

/** Takes off what bears nothing any more, from the last node of a path upwards. */
function prune<S extends object>(path: readonly FilterNode<S>[]): void {
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    const node = path[depth]
    if (node === undefined || !node.barren) return
    path[depth - 1]?.drop(node.level)
  }
}
