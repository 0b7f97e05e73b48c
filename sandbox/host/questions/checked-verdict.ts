import type { Publication } from '../../sdk/powers.ts'
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
export type CheckedVerdict =
  | SingleVerdict
  | FiltersVerdict
  | RecipientsVerdict
  | ContinueVerdict
  | WillVerdict
  | TransformVerdict

export type SingleVerdict =
  | Abstain
  | Allow<CheckedAuthenticateFields & PublishFields & SubscribeFields>
  | CheckedDeny
  | Disconnect
type CheckedAuthenticateFields = Omit<AuthenticateFields, 'authData'> & { readonly authData?: Buffer }
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
  /** Changed for these targets alone; like {@link except}, checked by who asked. */
  readonly groups?: readonly { readonly targets: readonly number[]; readonly patch: CheckedPatch }[]
}

/** Of `authenticate`: one more step of enhanced authentication. */
export interface ContinueVerdict {
  readonly verdict: 'continue'
  readonly data?: Buffer
}

/** What is changed of a message: a topic name, bytes and properties that the standard allows. */
export interface CheckedPatch {
  readonly topic?: string
  readonly payload?: Buffer
  readonly qos?: 0 | 1 | 2
  readonly retain?: boolean
  readonly properties?: NonNullable<Publication['properties']>
}

/** Of `authorizeWill`, beside allow, deny and abstain. */
export type WillVerdict =
  | { readonly verdict: 'strip' | 'suppress' }
  | { readonly verdict: 'set'; readonly will: CheckedPatch }
  | { readonly verdict: 'defer'; readonly delaySec: number }

/** Of `transformMessage`, beside allow and abstain (which leave the message as it is) and deny. */
export type TransformVerdict =
  | { readonly verdict: 'transform'; readonly op: 'pass' }
  | { readonly verdict: 'transform'; readonly op: 'patch'; readonly patch: CheckedPatch }
  | { readonly verdict: 'transform'; readonly op: 'drop'; readonly ack?: 'error' | 'silent' }
  | {
      readonly verdict: 'transform'
      readonly op: 'replace'
      readonly with: readonly (CheckedPatch & { readonly topic: string })[]
    }
