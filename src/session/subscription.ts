import type { ParsedFilter } from '../router/topic-filter.ts'
import type { SubscriptionOptions } from '../router/subscription-tree.ts'

/** What a session is subscribed to by one filter. */
export interface Subscription {
  /** How it is routed: as the client wrote it, or by the filter that a plugin has put in its place. */
  readonly parsed: ParsedFilter
  readonly options: SubscriptionOptions
}
