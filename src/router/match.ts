import { assert } from '../base/assert.ts'
import type { ParsedFilter, Renaming } from './topic-filter.ts'

/** What a client asked for with one topic filter. */
export interface SubscriptionOptions {
  readonly qos: 0 | 1 | 2
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  /** 0: none. */
  readonly subscriptionId: number
}

/**
 * One subscriber of a topic, and what its subscription asks for. Of subscriptions that overlap, the
 * subscriber has one match that stands for all [MQTT-3.3.4-2]. Immutable: routes that are cached hold it.
 */
export class Match<S extends object> {
  readonly subscriber: S
  /** The topic filter with the highest QoS, without `$share/NAME/`. */
  readonly filter: string
  /** The highest of the overlapping subscriptions [3.1.1 MQTT-3.3.5-1]. */
  readonly qos: 0 | 1 | 2
  /** True when one of them asks for it [MQTT-3.3.1-13]. */
  readonly retainAsPublished: boolean
  /** The identifiers of them all [MQTT-3.3.4-4]; null when none has one. */
  readonly subscriptionIds: readonly number[] | null
  /**
   * What stands in place of this match when the subscriber itself is the publisher: those of the
   * subscriptions that are not no local, so often this very match; null when there is none [MQTT-3.8.3-3].
   */
  readonly local: Match<S> | null
  /** How the subscriber names what it gets by this filter; null: as the broker does. */
  readonly renaming: Renaming | null
  /** In a route: the topic name under which the message reaches the subscriber; null: its own. */
  readonly as: string | null

  private constructor(
    subscriber: S,
    filter: string,
    qos: 0 | 1 | 2,
    retainAsPublished: boolean,
    subscriptionIds: readonly number[] | null,
    local: Match<S> | 'itself' | null,
    renaming: Renaming | null,
    as: string | null,
  ) {
    this.subscriber = subscriber
    this.filter = filter
    this.qos = qos
    this.retainAsPublished = retainAsPublished
    this.subscriptionIds = subscriptionIds
    this.local = local === 'itself' ? this : local
    this.renaming = renaming
    this.as = as
  }

  static of<S extends object>(
    subscriber: S,
    { filter, renaming }: Pick<ParsedFilter, 'filter' | 'renaming'>,
    options: SubscriptionOptions,
  ): Match<S> {
    // its own, where it brings a copy of its own, as a shared subscription does [MQTT-3.3.4-5]
    const ids = options.subscriptionId === 0 ? null : [options.subscriptionId]
    const local = options.noLocal ? null : 'itself'
    return new Match(subscriber, filter, options.qos, options.retainAsPublished, ids, local, renaming, null)
  }

  /**
   * Which of the subscriptions with one filter this is. A subscriber has one of each filter that it wrote,
   * but plugins may have put one and the same filter in place of several.
   */
  get key(): object {
    return this.renaming ?? this.subscriber
  }

  /** The match in the route of a topic; null: the subscriber has no name for it. */
  named(topic: string): Match<S> | null {
    const { renaming, subscriber, filter, qos, retainAsPublished, subscriptionIds } = this
    if (renaming === null) return this
    const name = renaming.nameOf(topic)
    if (name === null) return null
    const local = this.local === null ? null : 'itself'
    const as = name === topic ? null : name
    return new Match(subscriber, filter, qos, retainAsPublished, subscriptionIds, local, renaming, as)
  }

  /** @param all of one subscriber, in the same route and with the same name; at least one. */
  static merged<S extends object>(all: readonly Match<S>[]): Match<S> {
    const [first] = all
    assert(first !== undefined, 'there is something to merge')
    let highest = first
    let retainAsPublished = false
    const ids: number[] = []
    const local: Match<S>[] = []
    let isLocal = true
    for (const each of all) {
      if (each.qos > highest.qos) highest = each
      if (each.retainAsPublished) retainAsPublished = true
      if (each.subscriptionIds !== null) for (const id of each.subscriptionIds) ids.push(id)
      if (each.local !== each) isLocal = false
      if (each.local !== null) local.push(each.local)
    }
    return new Match(
      first.subscriber,
      highest.filter,
      highest.qos,
      retainAsPublished,
      ids.length === 0 ? null : ids,
      isLocal ? 'itself' : local.length === 0 ? null : Match.merged(local),
      highest.renaming,
      first.as,
    )
  }
}
