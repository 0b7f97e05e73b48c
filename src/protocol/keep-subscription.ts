import { ReasonCode } from '../codec/reason-code.ts'
import { deliverRetained } from '../delivery/deliver.ts'
import type { Cause } from '../hooks/tenant-hooks.ts'
import type { Allow, Verdict } from '../hooks/verdict.ts'
import type { ParsedFilter } from '../router/topic-filter.ts'
import type { Session } from '../session/session.ts'
import type { Node, Realm } from './ports.ts'

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
  readonly parsed: ParsedFilter
  readonly verdict: Allow
}

export interface KeptSubscription {
  /** The granted QoS. */
  readonly qos: 0 | 1 | 2
  readonly wantsRetained: boolean
  /** Sends the retained messages that the filter matches; behind SUBACK, where clients expect them. */
  readonly sendRetained: () => void
}

/** What stands for a rewritten filter, which nobody has asked for: what is not understood is refused. */
export const REWRITTEN: Verdict = {
  verdict: 'deny',
  code: ReasonCode.implementationSpecificError,
  note: 'the plugin rewrites the filter, which this broker does not do',
}

/** Whether the filter is allowed in place of another one only. */
export function rewrites(verdict: Allow, parsed: ParsedFilter): boolean {
  return verdict.rewriteTo !== undefined && verdict.rewriteTo !== parsed.filter
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
  const isNew = !session.subscriptions.has(request.filter)
  if (isNew && session.subscriptions.size >= realm.quotas.subscriptionsPerSession) {
    realm.quotaExceeded('subscriptionsPerSession', session.client)
    return null
  }
  const highest = Math.min(node.mqtt.maximumQos, session.maximumQos)
  const qos = Math.min(request.qos, verdict.maxQos ?? 2, highest) as 0 | 1 | 2
  const options = {
    qos,
    noLocal: verdict.noLocal ?? request.noLocal,
    retainAsPublished: verdict.retainAsPublished ?? request.retainAsPublished,
    subscriptionId: request.subscriptionId,
  }
  realm.subscriptions.add(parsed, session, options) // replaces one with the same filter [MQTT-3.8.4-3]
  session.subscriptions.set(request.filter, { parsed, options })
  const filter = JSON.stringify(request.filter)
  const text = (): string => `{"filter":${filter},"qos":${qos}}`
  realm.hooks.tell('onBrokerClientSubscribed', session.client, text, cause)
  const handling = verdict.retainHandling ?? request.retainHandling
  return {
    qos,
    // [MQTT-3.3.1-9][MQTT-3.3.1-10][MQTT-3.3.1-11]; shared subscriptions get none
    wantsRetained: parsed.shareName === '' && (handling === 0 || (handling === 1 && isNew)),
    sendRetained: () => sendRetained(node, realm, session, parsed, options),
  }
}

function sendRetained(
  node: Node,
  realm: Realm,
  session: Session,
  { filter }: ParsedFilter,
  { qos, subscriptionId }: { readonly qos: 0 | 1 | 2; readonly subscriptionId: number },
): void {
  const via = { filter, subscriptionIds: subscriptionId === 0 ? null : [subscriptionId] }
  node.engine.retained.match(realm.name, filter, {
    retained: (message) => {
      if (message.expiresAt === 0 || message.expiresAt > Date.now())
        deliverRetained(realm, session, via, qos, message)
      return true
    },
    done: () => undefined,
  })
}
