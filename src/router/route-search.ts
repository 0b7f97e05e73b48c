import { CROWD_AT_ONCE, REMEMBERED_TOPIC_CHARS, TOPIC_LEVELS } from '../base/limits.ts'
import { type Audience, Crowd } from './audience.ts'
import { Match } from './match.ts'
import type { SharedGroup } from './shared-subscription.ts'

/** Who gets a message: each match, and one member of each group. */
export interface Route<S extends object> {
  readonly matches: readonly Match<S>[]
  readonly groups: readonly SharedGroup<S>[]
}

/** Where filters meet that begin with the same levels. */
export interface FilterPlace<S extends object> {
  readonly plus: FilterPlace<S> | null
  /** Filters that end with this level … */
  readonly here: Audience<S>
  /** … and those that go on with `/#`. */
  readonly below: Audience<S>
  child(level: string): FilterPlace<S> | undefined
}

/** Where in the route each subscriber is. */
type Places<S extends object> = Map<S, number>

/**
 * One walk over the filters for one topic. It can be left and gone on with: thousands of filters that overlap
 * are more than a turn's work. What is subscribed meanwhile is found or not, as if it came a moment later.
 */
export class RouteSearch<S extends object> {
  readonly #topic: string
  readonly #levels: readonly string[]
  readonly #dollar: boolean
  readonly #ended: (route: Route<S>) => void
  /** Where is still to be looked, the last one first, and how deep each is. */
  readonly #open: FilterPlace<S>[]
  readonly #depths: number[] = [0]
  /** What is left of large crowds, which goes first. */
  readonly #crowds: Iterator<Match<S>, undefined>[] = []
  readonly #matches: Match<S>[] = []
  readonly #groups: SharedGroup<S>[] = []
  readonly #places: Places<S> = new Map()
  /** By the name under which it reaches them: each name is a message of its own. */
  #renamed: Map<string, Places<S>> | null = null
  /** The subscriptions of those that have several here, by place. */
  #overlaps: Map<number, Match<S>[]> | null = null
  #route: Route<S> | null = null
  #steps = 0

  /** @param ended is called once, with the route. */
  constructor(topic: string, root: FilterPlace<S>, ended: (route: Route<S>) => void) {
    this.#topic = topic
    // filters have at most an empty level above the limit: one more tells all longer topics from them
    this.#levels = topic.split('/', TOPIC_LEVELS + 2)
    this.#dollar = topic.startsWith('$')
    this.#open = [root]
    this.#ended = ended
  }

  /** Null until the search has ended. */
  get route(): Route<S> | null {
    return this.#route
  }

  /**
   * @param most steps, more or less: each place and each subscription is one, and one more where it overlaps.
   * @returns how many it took.
   */
  goOn(most: number): number {
    const before = this.#steps
    const until = before + most
    while (this.#steps < until && this.#route === null) {
      if (!this.#takeNext() && !this.#visitNext() && !this.#mergeNext()) this.#end()
    }
    return this.#steps - before
  }

  /** @returns false: no crowd is left. */
  #takeNext(): boolean {
    const crowd = this.#crowds.at(-1)
    if (crowd === undefined) return false
    const { value } = crowd.next()
    if (value === undefined) this.#crowds.pop()
    else this.#takeOne(value)
    return true
  }

  /** @returns false: no place is left. */
  #visitNext(): boolean {
    const place = this.#open.pop()
    const depth = this.#depths.pop()
    if (place === undefined || depth === undefined) return false
    this.#steps += 1
    // a leading wildcard does not match a topic that begins with $ [MQTT-4.7.2-1][3.1.1 MQTT-4.7.2-1]
    const wildcards = depth > 0 || !this.#dollar
    if (wildcards) this.#take(place.below)
    const level = this.#levels[depth]
    if (level === undefined) {
      this.#take(place.here)
      return true
    }
    if (wildcards && place.plus !== null) this.#later(place.plus, depth + 1)
    const child = place.child(level)
    if (child !== undefined) this.#later(child, depth + 1)
    return true
  }

  #later(place: FilterPlace<S>, depth: number): void {
    this.#open.push(place)
    this.#depths.push(depth)
  }

  #take(audience: Audience<S>): void {
    if (audience === null) return
    if (!(audience instanceof Crowd)) {
      this.#takeOne(audience)
      return
    }
    for (const group of audience.groups.values()) this.#groups.push(group)
    if (audience.matches.size > CROWD_AT_ONCE) this.#crowds.push(audience.matches.values())
    else for (const match of audience.matches.values()) this.#takeOne(match)
  }

  #takeOne(subscription: Match<S>): void {
    this.#steps += 1
    const match = subscription.named(this.#topic)
    if (match === null) return
    // the names of a long topic are not compared with each other
    if (match.as !== null && this.#topic.length > REMEMBERED_TOPIC_CHARS) {
      this.#matches.push(match)
      return
    }
    const places = match.as === null ? this.#places : this.#placesAs(match.as)
    const place = places.get(match.subscriber)
    if (place === undefined) {
      places.set(match.subscriber, this.#matches.length)
      this.#matches.push(match)
      return
    }
    const overlaps = (this.#overlaps ??= new Map<number, Match<S>[]>())
    const others = overlaps.get(place)
    if (others === undefined) overlaps.set(place, [this.#matches[place] as Match<S>, match])
    else others.push(match)
  }

  #placesAs(name: string): Places<S> {
    const renamed = (this.#renamed ??= new Map<string, Places<S>>())
    let places = renamed.get(name)
    if (places === undefined) renamed.set(name, (places = new Map()))
    return places
  }

  /** @returns false: all are merged. */
  #mergeNext(): boolean {
    const [next] = this.#overlaps ?? []
    if (next === undefined) return false
    const [place, all] = next
    this.#overlaps?.delete(place)
    this.#matches[place] = Match.merged(all)
    this.#steps += all.length
    return true
  }

  #end(): void {
    this.#steps += 1
    this.#route = { matches: this.#matches, groups: this.#groups }
    this.#ended(this.#route)
  }
}
