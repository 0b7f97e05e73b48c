import type { Match } from './match.ts'
import { SharedGroup } from './shared-subscription.ts'

/**
 * The subscriptions with one and the same filter. Mostly there is exactly one, not shared, and a million of
 * them must fit: that one stands here bare.
 */
export type Audience<S extends object> = Match<S> | Crowd<S> | null

/** More than one subscriber, or shared subscriptions. */
export class Crowd<S extends object> {
  /** By {@link Match.key}. */
  readonly matches: Map<object, Match<S>> = new Map()
  /** By share name: each is a subscription of its own [MQTT 5.0, 4.8.2]. */
  readonly groups: Map<string, SharedGroup<S>> = new Map()
}

export function isSubscribed<S extends object>(
  audience: Audience<S>,
  shareName: string,
  key: object,
): boolean {
  if (audience === null) return false
  if (!(audience instanceof Crowd)) return shareName === '' && audience.key === key
  if (shareName === '') return audience.matches.has(key)
  return audience.groups.get(shareName)?.has(key) ?? false
}

/** @returns the audience with this subscription in it, in place of the subscriber's earlier one. */
export function withMatch<S extends object>(
  audience: Audience<S>,
  shareName: string,
  match: Match<S>,
): Match<S> | Crowd<S> {
  const sameOne = audience === null || (!(audience instanceof Crowd) && audience.key === match.key)
  if (sameOne && shareName === '') return match
  const crowd = crowdOf(audience)
  if (shareName === '') {
    crowd.matches.set(match.key, match)
    return crowd
  }
  let group = crowd.groups.get(shareName)
  if (group === undefined) {
    group = new SharedGroup(shareName, match.filter)
    crowd.groups.set(shareName, group)
  }
  group.add(match)
  return crowd
}

/** @returns the audience without a subscription that {@link isSubscribed} has found in it. */
export function withoutMatch<S extends object>(
  audience: Audience<S>,
  shareName: string,
  key: object,
): Audience<S> {
  if (!(audience instanceof Crowd)) return null
  if (shareName === '') audience.matches.delete(key)
  else {
    const group = audience.groups.get(shareName)
    group?.remove(key)
    if (group?.members.length === 0) audience.groups.delete(shareName)
  }
  if (audience.groups.size > 0 || audience.matches.size > 1) return audience
  const [last = null] = audience.matches.values()
  return last
}

function crowdOf<S extends object>(audience: Audience<S>): Crowd<S> {
  if (audience instanceof Crowd) return audience
  const crowd = new Crowd<S>()
  if (audience !== null) crowd.matches.set(audience.key, audience)
  return crowd
}
