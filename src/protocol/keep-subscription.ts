import type { Cause } from '../hooks/tenant-hooks.ts'
import type { Allow } from '../hooks/verdict.ts'
import type { ParsedFilter } from '../router/topic-filter.ts'
import type { Session } from '../session/session.ts'
import type { Node, Realm } from './ports.ts'
import type { RetainedWish } from './send-retained.ts'

/** A filter that may be subscribed to: what was asked for, and what was allowed of it. */
export interface AllowedFilter {
  readonly request: {
    /** As the client wrote it, `$share` included. */
    readonly filter: string
    readonly qos: 0 | 1 | 2
    readonly noLocal: boolean
    readonly retainAsPublished: boolean
    readonly retainHandling: 0 | 1 | 2
    /** 0: none. */
    readonly subscriptionId: number
  }
  /** How it is routed: the filter of the request, or what a plugin has put in its place. */
  readonly parsed: ParsedFilter
  readonly verdict: Allow
}

export interface KeptSubscription {
  /** The granted QoS. */
  readonly qos: 0 | 1 | 2
  /** The retained messages that it is to hear, behind SUBACK, where clients expect them; null: none. */
  readonly retained: RetainedWish | null
}

/**
 * Subscribes a session, whoever asked for it.
 *
 * @param cause the plugin that subscribes the client, which is not told.
 * @returns null: the session has as many subscriptions as it may.
 */
export function keepSubscription(
  node: Node,
  realm: Realm,
  session: Session,
  { request, parsed, verdict }: AllowedFilter,
  cause?: Cause,
): KeptSubscription | null {
  const before = session.subscriptions.get(request.filter)
  const isNew = before === undefined
  if (isNew && session.subscriptions.size >= realm.quotas.subscriptionsPerSession) {
    realm.quotaExceeded('subscriptionsPerSession', session.client)
    return null
  }
  // whatever it asks for, it is granted what there is [MQTT-3.2.2-10]
  const highest = Math.min(node.mqtt.maximumQos, session.maximumQos)
  const qos = Math.min(request.qos, verdict.maxQos ?? 2, highest) as 0 | 1 | 2
  const options = {
    qos,
    noLocal: verdict.noLocal ?? request.noLocal,
    retainAsPublished: verdict.retainAsPublished ?? request.retainAsPublished,
    subscriptionId: request.subscriptionId,
  }
  // what is routed by another filter now than before is not replaced in the tree
  const wasRewritten = before !== undefined && (before.parsed.renaming ?? parsed.renaming) !== null
  if (wasRewritten) realm.subscriptions.remove(before.parsed, session)
  // replaces one with the same filter [MQTT-3.8.4-3][3.1.1 MQTT-3.8.4-3]
  realm.subscriptions.add(parsed, session, options)
  session.subscriptions.set(request.filter, { parsed, options })
  const filter = JSON.stringify(request.filter)
  const text = (): string => `{"filter":${filter},"qos":${qos}}`
  realm.hooks.tell('onBrokerClientSubscribed', session.client, text, cause)
  const handling = verdict.retainHandling ?? request.retainHandling
  // [MQTT-3.3.1-9][MQTT-3.3.1-10][MQTT-3.3.1-11][MQTT-3.8.4-4]; shared subscriptions get none
  const wantsRetained = parsed.shareName === '' && (handling === 0 || (handling === 1 && isNew))
  const { subscriptionId } = options
  return { qos, retained: wantsRetained ? { routed: parsed, qos, subscriptionId } : null }
}
