import type { Publication } from './powers.ts'
import { type RefusalCode, type RefusalName, type Refusals, REFUSALS } from './reason-codes.ts'

/** Why a plugin refuses, and what the client and the log get to see of it. */
export interface Why<Code extends number = number> {
  /** The MQTT 5 reason code; absent: 0x80. */
  readonly code?: Code
  /** The client sees it; at most 256 bytes of UTF-8, no control characters. */
  readonly reason?: string
  /** Only logs and explain see it. */
  readonly note?: string
  /** In the refusing packet, for MQTT 5 clients, in this order. */
  readonly userProperties?: readonly (readonly [string, string])[]
}

/** What a verdict asks of the broker beside its answer. */
export interface Obligations {
  /**
   * How long the answer may be reused, in ms, without asking again: of the authorize hooks and
   * `topicFiltering`, for the same client, action, topic (or filter), QoS, retain flag and share name,
   * whatever else the event held. It ends with the client's connection, and does not count while the plugin
   * is in quarantine or does not activate. A client has 256 at most.
   */
  readonly cacheMs?: number
  /**
   * What `ctx.access.invalidate` finds the answer by, and what came of it: a subscription that it allowed, or
   * grants. At most 128 bytes.
   */
  readonly cacheTag?: string
  /** How long to wait before this client's next packet is read, in ms. */
  readonly throttleMs?: number
  readonly audit?: boolean
}

export interface Abstain {
  readonly verdict: 'abstain'
  readonly note?: string
}
export type Allow<Fields = unknown> = { readonly verdict: 'allow' } & Obligations & Fields
export type Deny<Code extends number = number> = { readonly verdict: 'deny' } & Why<Code> &
  Pick<Obligations, 'cacheMs' | 'cacheTag' | 'audit'>
export type Disconnect<Code extends number = number> = {
  readonly verdict: 'disconnect'
  readonly sendWill?: boolean
} & Why<Code>

/**
 * A standing answer: given at `authenticate`, it spares a crossing a packet. A plugin's grants answer in
 * place of its own authorize hooks, as long as the connection lasts, also while the plugin sleeps, fails or
 * is in quarantine: `deny` beats `ask` beats `allow`, and what none of them speaks of is refused (0x87).
 * Other plugins are asked as before, and all answers merge. Of receiving they decide only if one of them
 * names it: who was granted its subscriptions gets its messages.
 *
 * To subscribe, an `allow` must cover the whole filter asked for; a `deny` or an `ask` speaks as soon as a
 * topic may match both. Wildcards do not reach topics that begin with `$`. What is left out does not matter.
 */
export interface Grant {
  /** `ask`: the plugin's own authorize hook decides; without one it has no opinion. */
  readonly effect: 'allow' | 'deny' | 'ask'
  readonly actions: readonly ('publish' | 'subscribe' | 'receive')[]
  /**
   * A topic filter; `{clientId}`, `{username}`, `{tenant}` and `{attr.x}` are filled in by the host, each as
   * text within its level. A value that is missing, empty, begins with `$`, or has `/`, `+`, `#` or control
   * characters, names nobody: such an `allow` matches nothing, such a `deny` or `ask` any level there.
   */
  readonly filter: string
  /** Of the message; of a subscription: what is asked for. */
  readonly qos?: readonly (0 | 1 | 2)[]
  /** The message's flag: `true` speaks of retained messages alone, `false` of the others alone. */
  readonly retain?: boolean
  /** Subscriptions: `true` speaks of shared ones alone, `false` of the others alone, a text of that name. */
  readonly share?: boolean | string
}

/**
 * The session settings that `authenticate` may ask for. Each can only be tighter than the operator's limit
 * and the tenant's quota; of several plugins' the tightest holds.
 *
 * A refresh or re-authentication sets anew what the client need not be told: `queueMax`, the two rates,
 * `sessionExpirySec` (at most what CONNACK said) and `maxQos` (messages and live subscriptions are lowered to
 * it, and a subscription is not raised again; the client may go on to send what CONNACK offered). The others
 * stay as CONNACK said for the whole connection: MQTT has no packet that would change them.
 */
export interface SessionSettings {
  /** In seconds; 0: the session ends with its connection. */
  readonly sessionExpirySec?: number
  /** QoS 1 and 2 messages that the client may have under way to the broker; MQTT 5. */
  readonly receiveMaximum?: number
  /** What is above it: refused with MQTT 5, which is told of it; before, and in a will, lowered. */
  readonly maxQos?: 0 | 1 | 2
  /** Of the client's packets, in bytes. */
  readonly maxPacketSize?: number
  readonly topicAliasMax?: number
  /**
   * In seconds, MQTT 5 only: clients of earlier versions cannot be told. The operator's own, where there is
   * one, wins.
   */
  readonly keepAliveSec?: number
  /** Messages that may wait for the client. */
  readonly queueMax?: number
  /**
   * The session's name, in place of the client's own identifier. One that is in use by another principal
   * refuses the CONNECT.
   */
  readonly assignedClientId?: string
  /** PUBLISH packets a second, from 1: what is more is not refused, but read later. */
  readonly publishPerSec?: number
  /** Bytes of PUBLISH packets a second, from 1, likewise. */
  readonly bytesPerSec?: number
}

export interface AuthenticateFields {
  /**
   * Who this is from now on; default: the user name, else the client identifier. It stays for as long as the
   * connection: who turns out to be another in a later authentication is disconnected.
   */
  readonly principal?: string
  readonly roles?: readonly string[]
  readonly attributes?: Readonly<Record<string, string>>
  /** At most 256, of 4096 topic levels together. Empty: whatever the plugin would decide is refused. */
  readonly grants?: readonly Grant[]
  /**
   * How long this answer is good for, in ms. Unless it is renewed before, the client is then disconnected
   * with 0xA0 (maximum connect time), and its will is published.
   */
  readonly expiresInMs?: number
  /**
   * When to ask this plugin again, in ms, with `event.cause` 'refresh': it gets no password, for the broker
   * keeps none, but the `client` as it was admitted. Allow renews the answer (roles, attributes, grants,
   * expiry); deny disconnects. Plugins that have not asked for it are not asked, and their answers stand. A
   * call that fails is tried again while `expiresInMs` lasts; without one, `onFault` answers at once.
   */
  readonly refreshInMs?: number
  readonly session?: SessionSettings
  readonly connack?: {
    readonly userProperties?: readonly (readonly [string, string])[]
    /** Sent to who has asked for it [MQTT 5.0, 3.1.2.11.6]. */
    readonly responseInformation?: string
  }
  /** The last word of an enhanced authentication, in the packet that admits the client [MQTT 5.0, 4.12]. */
  readonly authData?: Uint8Array | string
}
export interface PublishFields {
  readonly maxQos?: 0 | 1 | 2
  /** `false`: deliver, but do not retain. */
  readonly retain?: false
}
export interface SubscribeFields {
  readonly maxQos?: 0 | 1 | 2
  /**
   * The topic filter to subscribe to in place of the one that was asked for, without `$share/NAME/`. Its
   * wildcards must be the same, in the same order: what they match is carried over, so that the client gets
   * its messages under the names that it asked for. The new filter is asked about once more, and must be
   * allowed then as it is.
   */
  readonly rewriteTo?: string
  readonly noLocal?: boolean
  readonly retainAsPublished?: boolean
  readonly retainHandling?: 0 | 1 | 2
}

/** One answer a filter, in the packet's order. */
export interface PerFilter<Each> {
  readonly filters: readonly Each[]
}
/** One answer for a batch of recipients. */
export interface Recipients {
  readonly default: 'allow' | 'deny' | 'abstain'
  /** Indices of targets that get the opposite: deny where the default is allow, allow elsewhere. */
  readonly except?: readonly number[]
  /**
   * Targets that get the message changed, if they are allowed: a change alone allows nothing. The changed
   * message is asked about once more. Who would get two different changes gets nothing.
   */
  readonly groups?: readonly { readonly targets: readonly number[]; readonly patch: Patch }[]
}
/**
 * Another step of enhanced authentication is needed [MQTT 5.0, 4.12]: the client gets `data` in an AUTH
 * packet, and what it answers comes with the same event again, as `authData` of the next `step`. Of several
 * plugins one leads the exchange: whatever the others say, two that continue differently refuse the client.
 */
export interface Continue {
  readonly verdict: 'continue'
  readonly data?: Uint8Array | string
}

/** What a transform changes of a message. Packet ids, DUP and aliases are the broker's. */
export interface Patch {
  readonly topic?: string
  readonly payload?: Uint8Array | string
  readonly qos?: 0 | 1 | 2
  readonly retain?: boolean
  /** Those that are named are replaced, the others stay. */
  readonly properties?: NonNullable<Publication['properties']>
}

const ALLOW: { readonly verdict: 'allow' } = Object.freeze({ verdict: 'allow' })
const ABSTAIN: Abstain = Object.freeze({ verdict: 'abstain' })
const DENY: Denial<never> = Object.freeze({ verdict: 'deny' })
const DISCONNECT: Disconnect<never> = Object.freeze({ verdict: 'disconnect' })

/** Every field that an allow of some hook can have; which of them a hook takes, its own answer type says. */
export type AllowFields = Obligations & AuthenticateFields & PublishFields & SubscribeFields

/** What {@link deny} takes, and what it makes of it: `ack` is there only if it was given. */
export type DenyFields<Code extends number, Ack extends 'error' | 'silent' = never> = Omit<
  Denial<Code, Ack>,
  'verdict'
>
export type Denial<Code extends number, Ack extends 'error' | 'silent' = never> = Deny<Code> & {
  readonly ack?: Ack
}
type DisconnectFields<Code extends number> = Omit<Disconnect<Code>, 'verdict'>

/**
 * Allows, with the hook's own fields where it has any: `allow({ maxQos: 1 })`.
 * What a plugin returns most often is made once: it costs no allocation and the fewest bytes on the wire.
 */
export function allow(): { readonly verdict: 'allow' }
export function allow<const Fields extends AllowFields>(
  fields: Fields & { readonly [Unknown in Exclude<keyof Fields, keyof AllowFields>]: never },
): { readonly verdict: 'allow' } & Fields
export function allow(fields?: AllowFields): { readonly verdict: 'allow' } {
  return fields === undefined ? ALLOW : { ...fields, verdict: 'allow' }
}

/** Has no opinion: other plugins decide. If all abstain, the answer is deny. */
export function abstain(note?: string): Abstain {
  return note === undefined ? ABSTAIN : { verdict: 'abstain', note }
}

/**
 * Denies: `deny()`, `deny('notAuthorized', 'not your topic')`, `deny({ code: 0x87, reason: 'not your topic'
 * })`. A code that the hook's packet cannot carry does not compile. Without a code the client gets 0x80.
 */
export function deny(): Denial<never>
export function deny<const Name extends RefusalName>(name: Name, reason?: string): Denial<Refusals[Name]>
export function deny<const Code extends RefusalCode = never, const Ack extends 'error' | 'silent' = never>(
  why: DenyFields<Code, Ack>,
): Denial<Code, Ack>
export function deny(why?: RefusalName | DenyFields<number, 'error' | 'silent'>, reason?: string): Deny {
  if (why === undefined) return DENY
  return { ...(typeof why === 'string' ? named(why, reason) : why), verdict: 'deny' }
}

/** Denies and ends the connection; takes what {@link deny} takes, and `sendWill`. */
export function disconnect(): Disconnect<never>
export function disconnect<const Name extends RefusalName>(
  name: Name,
  reason?: string,
): Disconnect<Refusals[Name]>
export function disconnect<const Code extends RefusalCode = never>(
  why: DisconnectFields<Code>,
): Disconnect<Code>
export function disconnect(why?: RefusalName | DisconnectFields<number>, reason?: string): Disconnect {
  if (why === undefined) return DISCONNECT
  return { ...(typeof why === 'string' ? named(why, reason) : why), verdict: 'disconnect' }
}

/** In plain JavaScript a mistyped name would otherwise become a silent 0x80. */
function named(name: RefusalName, reason: string | undefined): Why {
  if (!Object.hasOwn(REFUSALS, name)) throw new Error(`no reason code is named ${JSON.stringify(name)}`)
  const code = REFUSALS[name]
  return reason === undefined ? { code } : { code, reason }
}
