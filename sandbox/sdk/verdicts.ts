import { type RefusalName, REFUSALS } from './reason-codes.ts'

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
  /** How long the answer may be reused, in ms. */
  readonly cacheMs?: number
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

/** A standing answer: given at authenticate, it spares a crossing a packet. */
export interface Grant {
  readonly effect: 'allow' | 'deny' | 'ask'
  readonly actions: readonly ('publish' | 'subscribe' | 'receive')[]
  /** A topic filter; `{clientId}`, `{username}`, `{tenant}` and `{attr.x}` are filled in by the host. */
  readonly filter: string
  readonly qos?: readonly (0 | 1 | 2)[]
  readonly retain?: boolean
  readonly share?: boolean | string
}

/** The session settings that `authenticate` may ask for; the host clamps each to the tenant's quota. */
export interface SessionSettings {
  readonly sessionExpirySec?: number
  readonly receiveMaximum?: number
  readonly maxQos?: 0 | 1 | 2
  readonly maxPacketSize?: number
  readonly topicAliasMax?: number
  readonly keepAliveSec?: number
  readonly queueMax?: number
  readonly assignedClientId?: string
  readonly publishPerSec?: number
  readonly bytesPerSec?: number
}

export interface AuthenticateFields {
  /** Who this is from now on; default: the user name, else the client identifier. */
  readonly principal?: string
  readonly roles?: readonly string[]
  readonly attributes?: Readonly<Record<string, string>>
  readonly grants?: readonly Grant[]
  readonly expiresInMs?: number
  readonly refreshInMs?: number
  readonly session?: SessionSettings
  readonly connack?: {
    readonly userProperties?: readonly (readonly [string, string])[]
    readonly responseInformation?: string
  }
}
export interface PublishFields {
  readonly maxQos?: 0 | 1 | 2
  /** `false`: deliver, but do not retain. */
  readonly retain?: false
}
export interface SubscribeFields {
  readonly maxQos?: 0 | 1 | 2
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
  readonly groups?: readonly { readonly targets: readonly number[]; readonly patch: Patch }[]
}
/** Another step of enhanced authentication is needed. */
export interface Continue {
  readonly verdict: 'continue'
  readonly data?: Uint8Array
}

/** What a transform changes of a message. Packet ids, DUP and aliases are the broker's. */
export interface Patch {
  readonly topic?: string
  readonly payload?: Uint8Array | string
  readonly qos?: 0 | 1 | 2
  readonly retain?: boolean
  readonly properties?: Readonly<Record<string, unknown>>
}

const ALLOW: Allow<object> = Object.freeze({ verdict: 'allow' })
const ABSTAIN: Abstain = Object.freeze({ verdict: 'abstain' })
const DENY: { readonly verdict: 'deny' } = Object.freeze({ verdict: 'deny' })

/**
 * Allows, with the hook's own fields where it has any: `allow({ maxQos: 1 })`.
 * What a plugin returns most often is made once: it costs no allocation and the fewest bytes on the wire.
 */
export function allow(): { readonly verdict: 'allow' }
export function allow<const Fields extends object>(fields: Fields): { readonly verdict: 'allow' } & Fields
export function allow(fields?: object): Allow<object> {
  return fields === undefined ? ALLOW : { ...fields, verdict: 'allow' }
}

/** Has no opinion: other plugins decide. If all abstain, the answer is deny. */
export function abstain(note?: string): Abstain {
  return note === undefined ? ABSTAIN : { verdict: 'abstain', note }
}

/**
 * Denies: `deny()`, `deny('notAuthorized', 'not your topic')`, `deny({ code: 0x87, reason: 'not your topic' })`.
 * A code that the hook's packet cannot carry does not compile.
 */
export function deny(): { readonly verdict: 'deny' }
export function deny<const Name extends RefusalName>(
  code: Name,
  reason?: string,
): { readonly verdict: 'deny'; readonly code: (typeof REFUSALS)[Name] & CodeOf<Name>; readonly reason?: string }
export function deny<const Given extends object>(why: Given): { readonly verdict: 'deny' } & Given
export function deny(why?: RefusalName | object, reason?: string): { readonly verdict: 'deny' } {
  if (why === undefined) return DENY
  return typeof why === 'string' ? refusal('deny', why, reason) : { ...why, verdict: 'deny' }
}

/** Denies and ends the connection. */
export function disconnect(): { readonly verdict: 'disconnect' }
export function disconnect<const Name extends RefusalName>(
  code: Name,
  reason?: string,
): { readonly verdict: 'disconnect'; readonly code: (typeof REFUSALS)[Name] & CodeOf<Name>; readonly reason?: string }
export function disconnect<const Given extends object>(why: Given): { readonly verdict: 'disconnect' } & Given
export function disconnect(why?: RefusalName | object, reason?: string): { readonly verdict: 'disconnect' } {
  if (why === undefined) return { verdict: 'disconnect' }
  return typeof why === 'string' ? refusal('disconnect', why, reason) : { ...why, verdict: 'disconnect' }
}

type CodeOf<Name extends RefusalName> = (typeof REFUSALS)[Name]

function refusal<V extends 'deny' | 'disconnect'>(verdict: V, name: RefusalName, reason?: string) {
  const code = REFUSALS[name]
  if (code === undefined) throw new Error(`${verdict}: no reason code is named ${JSON.stringify(name)}`)
  return reason === undefined ? { verdict, code } : { verdict, code, reason }
}
