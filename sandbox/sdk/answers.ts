import type {
  ConnectCode,
  DisconnectCode,
  PublishCode,
  SubscribeCode,
  UnsubscribeCode,
} from './reason-codes.ts'
import type {
  Abstain,
  Allow,
  AllowFields,
  AuthenticateFields,
  Continue,
  Deny,
  Disconnect,
  Patch,
  PerFilter,
  PublishFields,
  Recipients,
  SubscribeFields,
} from './verdicts.ts'

/**
 * What each asker may answer. The types are as narrow as the host's check: a field or a reason code of
 * another hook does not compile here, and would be a `bad-verdict` there.
 */
export type AuthenticateAnswer = Maybe<
  Plain | AllowOnly<AuthenticateFields> | DenyOnly<ConnectCode> | Continue | Disconnect<DisconnectCode>
>
export type PublishAnswer = Maybe<
  | Plain
  | AllowOnly<PublishFields>
  | (Deny<PublishCode> & {
      /**
       * MQTT 5, QoS 1 and 2: `error` puts the code into the acknowledgement, `silent` acknowledges as if it
       * were delivered.
       */
      readonly ack?: 'error' | 'silent'
    })
  | Disconnect<DisconnectCode>
>
export type SubscribeAnswer = Maybe<SubscribeEach | PerFilter<SubscribeEach> | Disconnect<DisconnectCode>>
export type UnsubscribeAnswer = Maybe<
  UnsubscribeEach | PerFilter<UnsubscribeEach> | Disconnect<DisconnectCode>
>
/** A denied delivery is silent, so a code would have no packet to travel in. */
export type ReceiveAnswer = Maybe<Plain | AllowOnly<object> | DenyOnly<never> | Recipients>
/** Asked for three actions, so only codes and fields that all of them know. */
export type TopicAnswer = Maybe<
  Plain | AllowOnly<object> | DenyOnly<PublishCode & SubscribeCode> | Disconnect<DisconnectCode>
>
/** When the client connects, to deny is to refuse the connection; when the will is due, to keep it back. */
export type WillAnswer = Maybe<
  | Plain
  | AllowOnly<object>
  | DenyOnly<ConnectCode>
  /**
   * `publish` is another word for allow. `strip`, `suppress`: at connect the client has no will then; when it
   * is due it is not published.
   */
  | { readonly verdict: 'publish' | 'strip' | 'suppress' }
  | { readonly verdict: 'set'; readonly will: Patch }
  /** Only when it is due, once: at the end of its session it is published all the same. */
  | { readonly verdict: 'defer'; readonly delaySec: number }
>
/** To allow or to abstain is to pass; to deny is to drop, and to tell the publisher why. */
export type TransformAnswer = Maybe<
  | Plain
  | AllowOnly<object>
  | DenyOnly<PublishCode>
  | { readonly op: 'pass' }
  | { readonly op: 'patch'; readonly patch: Patch }
  | {
      readonly op: 'drop'
      /** `error`, the default, refuses it with 0x87; `silent` acknowledges as if it were delivered. */
      readonly ack?: 'error' | 'silent'
    }
  | {
      readonly op: 'replace'
      /** Each is the message with these changes: what is not named, its payload too, stays. */
      readonly with: readonly (Patch & { readonly topic: string })[]
    }
>

/** `true`, `false` and `null` are short for allow, deny and abstain, as in aMQTT. */
type Plain = boolean | null | Abstain
type Maybe<Answer> = Answer | Promise<Answer>
type SubscribeEach = Plain | AllowOnly<SubscribeFields> | DenyOnly<SubscribeCode>
type UnsubscribeEach = Plain | AllowOnly<object> | DenyOnly<UnsubscribeCode>

/** Fields of other hooks are ruled out by name: a plain optional type would let them pass unseen. */
type AllowOnly<Fields> = Allow<Fields> & { readonly [Foreign in ForeignTo<Fields>]?: never }
type ForeignTo<Fields> = Exclude<keyof AllowFields, keyof Fields | keyof Allow>
type DenyOnly<Code extends number> = Deny<Code> & { readonly ack?: never }
