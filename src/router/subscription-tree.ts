import { REMEMBERED_TOPIC_CHARS, ROUTE_MATCHES_CACHED, ROUTES_CACHED, TOPIC_LEVELS } from '../base/limits.ts'
import { type Audience, Crowd, isSubscribed, withMatch, withoutMatch } from './audience.ts'
import { Match, type SubscriptionOptions } from './match.ts'
import type { SharedGroup } from './shared-subscription.ts'
import type { ParsedFilter } from './topic-filter.ts'
import { TopicNode } from './topic-node.ts'

export type { Match, SubscriptionOptions } from './match.ts'

/** Who gets a message: each match, and one member of each group. */
export interface Route<S extends object> {
  readonly matches: readonly Match<S>[]
  readonly groups: readonly SharedGroup<S>[]
}

/** All subscriptions of one tenant, by the levels of their filters. */
export class SubscriptionTree<S extends object> {
  readonly #root = new FilterNode<S>('')
  readonly #routes = new Map<string, Route<S>>()
  #matchesCached = 0
  #size = 0
  #walked = 0

  /** Subscriptions, shared ones included. */
  get size(): number {
    return this.#size
  }

  /** How many matching subscriptions were put together since the start: a route that is cached costs none. */
  get walked(): number {
    return this.#walked
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
    if (!replaces) this.#size += 1
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
    this.#size -= 1
    this.#changed()
    return true
  }

  /**
   * Who gets what is published to this topic. The route is immutable but for its groups, which go on turning.
   */
  match(topic: string): Route<S> {
    const cached = this.#routes.get(topic)
    if (cached !== undefined) return cached
    const gathering = new Gathering<S>(topic)
    gathering.visit(this.#root, 0)
    this.#walked += gathering.taken
    const route: Route<S> = { matches: gathering.matches, groups: gathering.groups }
    if (topic.length <= REMEMBERED_TOPIC_CHARS) this.#remember(topic, route)
    return route
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
    if (this.#routes.size > 0) this.#routes.clear()
    this.#matchesCached = 0
  }
}

/** Where filters meet that begin with the same levels. */
class FilterNode<S extends object> extends TopicNode<FilterNode<S>> {
  plus: FilterNode<S> | null = null
  /** Filters that end with this level … */
  here: Audience<S> = null
  /** … and those that go on with `/#`. */
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

/** One walk over the tree for one topic: as deep as the filters are, so recursion is bounded. */
class Gathering<S extends object> {
  readonly groups: SharedGroup<S>[] = []
  /** Subscriptions that match; more than {@link matches}, where those of one subscriber overlap. */
  taken = 0
  readonly #topic: string
  readonly #levels: readonly string[]
  readonly #dollar: boolean
  readonly #matches = new Map<S, Match<S>>()
  /** By the name under which it reaches the subscriber: each name is a message of its own. */
  readonly #renamed = new Map<string, Map<S, Match<S>>>()
  /** Of a long topic: its names are not compared with each other. */
  readonly #longNamed: Match<S>[] = []

  constructor(topic: string) {
    this.#topic = topic
    // filters are no deeper than the limit, so one level more tells all longer topics from them
    this.#levels = topic.split('/', TOPIC_LEVELS + 1)
    this.#dollar = topic.startsWith('$')
  }

  get matches(): readonly Match<S>[] {
    const matches = [...this.#matches.values(), ...this.#longNamed]
    for (const renamed of this.#renamed.values()) for (const match of renamed.values()) matches.push(match)
    return matches
  }

  visit(node: FilterNode<S>, depth: number): void {
    // a leading wildcard does not match a topic that begins with $ [MQTT-4.7.2-1]
    const wildcards = depth > 0 || !this.#dollar
    if (wildcards) this.#take(node.below)
    const level = this.#levels[depth]
    if (level === undefined) {
      this.#take(node.here)
      return
    }
    const child = node.child(level)
    if (child !== undefined) this.visit(child, depth + 1)
    if (wildcards && node.plus !== null) this.visit(node.plus, depth + 1)
  }

  #take(audience: Audience<S>): void {
    if (audience === null) return
    if (!(audience instanceof Crowd)) {
      this.#takeOne(audience)
      return
    }
    for (const match of audience.matches.values()) this.#takeOne(match)
    for (const group of audience.groups.values()) this.groups.push(group)
  }

  #takeOne(found: Match<S>): void {
    this.taken += 1
    const match = found.named(this.#topic)
    if (match === null) return
    if (match.as !== null && this.#topic.length > REMEMBERED_TOPIC_CHARS) {
      this.#longNamed.push(match)
      return
    }
    const matches = match.as === null ? this.#matches : this.#matchesAs(match.as)
    const other = matches.get(match.subscriber)
    matches.set(match.subscriber, other === undefined ? match : other.mergedWith(match))
  }

  #matchesAs(name: string): Map<S, Match<S>> {
    let matches = this.#renamed.get(name)
    if (matches === undefined) this.#renamed.set(name, (matches = new Map<S, Match<S>>()))
    return matches
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
