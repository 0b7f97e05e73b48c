import type { Message } from '../codec/message.ts'
import { patchMessage } from '../codec/patch-message.ts'
import type { OwedMessage, StoredSession } from '../engine/engine.ts'
import { rewrite } from '../router/rewriting.ts'
import type { SubscriptionOptions } from '../router/subscription-tree.ts'
import { parseFilter } from '../router/topic-filter.ts'
import type { Client } from './client.ts'
import { Outgoing } from './outgoing.ts'
import type { Subscription } from './subscription.ts'

/** What a session's queue is restored from. */
export type Restored = Pick<StoredSession<Message>, 'owed' | 'owedCount' | 'owedBytes'>

/** A client without what lives with its connection. */
export type ClientFacts = Omit<Client, 'json' | 'subject' | 'standing'>

/** What is written down of a session beside what it is subscribed to and owed. */
export interface SessionFacts {
  readonly client: ClientFacts
  readonly expirySec: number
  readonly maximumQos: 0 | 1 | 2
}

/** What is written down of a will: when it is due, once its delay has begun, in ms since the epoch. */
export interface WillFacts {
  readonly delaySec: number
  readonly expirySec?: number | undefined
  readonly isDeferred: boolean
  readonly dueAt?: number | undefined
}

interface OutgoingFacts {
  readonly qos: 1 | 2
  readonly retain?: true
  readonly ids?: readonly number[]
  readonly filter: string
  readonly as?: string
}

interface SubscriptionFacts extends SubscriptionOptions {
  /** The filter that a plugin has put in its place. */
  readonly rewriteTo?: string
}

/** A message that is owed, but for the message. Short: there is one for each recipient. */
export function outgoingText(outgoing: Outgoing): string {
  const { qos, retain, subscriptionIds, filter, as } = outgoing
  return JSON.stringify({
    qos,
    retain: retain || undefined,
    ids: subscriptionIds ?? undefined,
    filter,
    as: as ?? undefined,
  })
}

/**
 * What waits is as it was published; what was sent, as it left. Whoever takes the session up may be somebody
 * else: it is to be checked again.
 */
export function restoredOutgoing(owed: OwedMessage<Message>): Outgoing {
  const { message, form, how, packetId, place, released } = owed
  const { qos, retain = false, ids = null, filter, as = null } = JSON.parse(how) as OutgoingFacts
  const isRenamed = packetId > 0 && form === null && as !== null
  const leaving = isRenamed ? patchMessage(message, { topic: as }, 0) : (form ?? message)
  const via = { subscriptionIds: ids, filter, as }
  const outgoing = new Outgoing(leaving, qos, retain, via, 'due', null, message)
  outgoing.place = place
  outgoing.isChanged = form !== null
  outgoing.released = released > 0
  return outgoing
}

export function subscriptionText({ parsed, options }: Subscription): string {
  const facts: SubscriptionFacts =
    parsed.renaming === null ? options : { ...options, rewriteTo: parsed.filter }
  return JSON.stringify(facts)
}

/** Null: no filter is written there that this version takes for one. */
export function restoredSubscription(filter: string, how: string): Subscription | null {
  const { rewriteTo, ...options } = JSON.parse(how) as SubscriptionFacts
  const asked = parseFilter(filter)
  if ('refusal' in asked) return null
  const parsed = rewriteTo === undefined ? asked : rewrite(asked, rewriteTo)
  return 'refusal' in parsed ? null : { parsed, options }
}
