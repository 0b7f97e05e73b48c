import { ReasonCode } from '../codec/reason-code.ts'
import type { ParsedFilter } from '../router/topic-filter.ts'
import type { MqttSettings } from './ports.ts'

/** A kind of subscription that this broker does not have. */
export interface Unavailable {
  readonly code: number
  readonly detail: string
}

/** What of a subscription CONNACK has said not to be available; null: all that it needs is there. */
export function unavailableFor(
  mqtt: Pick<
    MqttSettings,
    'wildcardSubscriptionAvailable' | 'sharedSubscriptionAvailable' | 'subscriptionIdentifiersAvailable'
  >,
  { wildcard, shareName }: Pick<ParsedFilter, 'wildcard' | 'shareName'>,
  subscriptionId = 0,
): Unavailable | null {
  if (wildcard && !mqtt.wildcardSubscriptionAvailable) return WILDCARD
  if (shareName !== '' && !mqtt.sharedSubscriptionAvailable) return SHARED
  return subscriptionId !== 0 && !mqtt.subscriptionIdentifiersAvailable ? IDENTIFIED : null
}

const WILDCARD: Unavailable = {
  code: ReasonCode.wildcardSubscriptionsNotSupported,
  detail: 'wildcard subscriptions are not available',
}

const SHARED: Unavailable = {
  code: ReasonCode.sharedSubscriptionsNotSupported,
  detail: 'shared subscriptions are not available',
}

const IDENTIFIED: Unavailable = {
  code: ReasonCode.subscriptionIdentifiersNotSupported,
  detail: 'subscription identifiers are not available',
}
