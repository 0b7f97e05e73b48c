import type {
  Abstain,
  Allow,
  AuthenticateFields,
  Deny,
  Disconnect,
  PublishFields,
  SubscribeFields,
} from '../../sdk/verdicts.ts'

/**
 * An answer after the wall: plain data built by the host field by field, of which every field has its type
 * and its bound. `true`, `false` and `null` have become allow, deny and abstain; a code stands only where the
 * hook's packet can carry it.
 */
export type CheckedVerdict = SingleVerdict | FiltersVerdict | RecipientsVerdict

export type SingleVerdict =
  | Abstain
  | Allow<AuthenticateFields & PublishFields & SubscribeFields>
  | CheckedDeny
  | Disconnect
export type CheckedDeny = Deny & { readonly ack?: 'error' | 'silent' }

/**
 * Of `authorizeSubscribe` and `authorizeUnsubscribe`: one answer a filter. Its length is checked by who
 * asked.
 */
export interface FiltersVerdict {
  readonly verdict: 'filters'
  readonly filters: readonly (Abstain | Allow<SubscribeFields> | Deny)[]
}

/**
 * Of `authorizeReceive`: indices are checked by who asked, since only it knows how many targets there are.
 */
export interface RecipientsVerdict {
  readonly verdict: 'recipients'
  readonly default: 'allow' | 'deny' | 'abstain'
  readonly except: readonly number[]
}
