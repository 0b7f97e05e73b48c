import type { Qos, UserProperties } from './events.ts'

/**
 * The powers of `ctx`. Those that answer return promises; awaiting one holds up nobody but the question that
 * awaits, for `waitMs` at most. A call may use them 8 times. A refusal rejects, or throws, with a
 * {@link CapabilityError}. Numbers are defaults where SECURITY.md's table names them: operators may have
 * others.
 */

/** Why a power refused, as `error.code`. */
export type CapabilityErrorCode =
  /** The grant, or another plugin, does not allow it. */
  | 'notAllowed'
  /** A budget or a quota is used up, or what came of it is too large. */
  | 'limit'
  /** The argument is wrong; the message says what. */
  | 'invalid'
  /** What it needs is not there right now: no such secret, a host that does not answer. */
  | 'unavailable'

/** What a power throws, or rejects with. `name` is `CapabilityError`. */
export interface CapabilityError extends Error {
  readonly code: CapabilityErrorCode
}

/** aMQTT's `self.context.logger`. At most 16 lines a call; the rest is dropped and counted. */
export interface Log {
  debug(text: string, fields?: LogFields): void
  info(text: string, fields?: LogFields): void
  warn(text: string, fields?: LogFields): void
  error(text: string, fields?: LogFields): void
}

/** Plain data beside a log line. */
export type LogFields = Readonly<Record<string, unknown>>

/** Plain data, as JSON can hold it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A message for {@link Publish}. */
export interface Publication {
  readonly topic: string
  /** Text is sent as UTF-8. Default: empty. At most 64 KiB. */
  readonly payload?: string | Uint8Array
  /** Default 0. */
  readonly qos?: Qos
  /** Default false. aMQTT's `retain_message`. */
  readonly retain?: boolean
  readonly properties?: {
    readonly payloadFormat?: 0 | 1
    readonly messageExpirySec?: number
    readonly contentType?: string
    readonly responseTopic?: string
    readonly correlationData64?: string
    /** At most 32. */
    readonly userProperties?: UserProperties
  }
}

/**
 * Publishes as the plugin (principal `plugin:NAME`); aMQTT's `broadcast_message`. It leaves when this call
 * ends well: with a valid verdict, a teller with its normal end. The tenant's other plugins are asked first.
 * What is refused only then (past 100 messages a second, by another plugin, by an operator who allows fewer
 * topics) is in the audit, and not told to the call.
 *
 * @throws CapabilityError `notAllowed` outside the topics that were asked for, `limit` past four a call.
 */
export type Publish = (publication: Publication) => void

/** A value of {@link Kv} with its version, which grows with each write of the key. */
export interface KvEntry {
  readonly key: string
  readonly value: Json
  /** From 1. */
  readonly version: number
}

/** How a write ended. */
export interface KvWritten {
  /** False: the key had another version than `ifVersion`, and nothing was written. */
  readonly ok: boolean
  /** The key's version now; 0: there is none. */
  readonly version: number
}

/**
 * What outlasts the isolate: a store of the tenant and plugin's own. Writes happen when they are called,
 * whatever the verdict. Keys: 1 to 256 bytes. Values: 16 KiB as JSON.
 */
export interface Kv {
  get(key: string): Promise<KvEntry | undefined>
  /**
   * @param options ifVersion: write only if the key has this version (0: if it is not there).
   * @throws CapabilityError `limit` where the byte quota is used up, `invalid` for a value that is too large.
   */
  set(key: string, value: Json, options?: { readonly ifVersion?: number }): Promise<KvWritten>
  delete(key: string, options?: { readonly ifVersion?: number }): Promise<KvWritten>
  /**
   * Entries whose keys begin with `prefix`, in the order of their keys. At most 100, from after `after`;
   * fewer where values are big, so ask on until none come.
   */
  list(
    prefix: string,
    options?: { readonly limit?: number; readonly after?: string },
  ): Promise<readonly KvEntry[]>
}

/**
 * Names a secret of the operator's (`secrets:` in the plugin's long form). The host puts it in; the plugin
 * never sees it.
 */
export interface SecretRef {
  readonly secret: string
  /** Goes in front: `Bearer `. */
  readonly prefix?: string
}

export interface FetchInit {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** At most 64, of 16 KiB together. */
  readonly headers?: Readonly<Record<string, string | SecretRef>>
  /** Text is sent as UTF-8. At most 64 KiB; HEAD has none. */
  readonly body?: string | Uint8Array
}

/** A response, whole: at most 64 KiB, decoded. */
export interface FetchResponse {
  /** 200 to 299. */
  readonly ok: boolean
  readonly status: number
  /** After redirects. */
  readonly url: string
  /** Names in lower case; several of one name are joined by commas. Cookies are left out. */
  readonly headers: Readonly<Record<string, string>>
  text(): Promise<string>
  json(): Promise<unknown>
  bytes(): Promise<Uint8Array>
}

/**
 * HTTPS to the granted hosts, and to origins that the operator named: addresses are checked to be public, or
 * of the operator's network, redirects (three at most) are checked hop by hop, the whole takes 1 s at most.
 *
 * @throws CapabilityError `notAllowed` for a host that was not granted, also where a redirect leads to one;
 * `limit` past four requests of the tenant under way or ten a second, and for a larger response;
 * `unavailable` where there is no whole answer in time.
 */
export type Fetch = (url: string, init?: FetchInit) => Promise<FetchResponse>

/** A timer that runs; it ends with its isolate. */
export interface Timer {
  cancel(): void
}

/**
 * At most 16 at a time, of 100 ms to a day. `setup` is where to start them: none outlasts its isolate, which
 * is made anew when it meets a limit, or its heap is nearly full. What runs has a `ctx` of its own, and the
 * limits of any call.
 */
export interface Timers<Context> {
  every(ms: number, run: (ctx: Context) => unknown): Timer
  after(ms: number, run: (ctx: Context) => unknown): Timer
}

/** A session of the tenant's. */
export interface SessionInfo {
  readonly clientId: string
  readonly connected: boolean
  readonly principal: string
  readonly username?: string
  readonly protocolVersion: 3 | 4 | 5
  /** When it last connected, in ms since the epoch. */
  readonly connectedAt: number
  readonly expirySec: number
  readonly subscriptions: number
  readonly queued: number
  readonly inflight: number
}

/** aMQTT's `sessions` and `get_session`; own tenant only. */
export interface Sessions {
  get(clientId: string): Promise<SessionInfo | undefined>
  /**
   * In the order of client identifiers, at most 100, from after `after`; fewer where they are long, so ask on
   * until none come.
   */
  list(options?: { readonly limit?: number; readonly after?: string }): Promise<readonly SessionInfo[]>
}

/** A retained message [MQTT 5.0, 3.3.1.3]. */
export interface RetainedInfo {
  readonly topic: string
  readonly qos: Qos
  /** Bytes of the payload. */
  readonly size: number
  /** Only with the `payload` capability, up to 64 KiB; in a list, as many as an answer holds. */
  readonly payload?: Uint8Array
}

/** aMQTT's `retained_messages`; own tenant only. Changing them is `ctx.publish` with `retain`. */
export interface Retained {
  get(topic: string): Promise<RetainedInfo | undefined>
  /** Those that a topic filter matches, at most 100. */
  list(filter: string, options?: { readonly limit?: number }): Promise<readonly RetainedInfo[]>
}

/** A subscription of the tenant's. */
export interface SubscriptionInfo {
  readonly clientId: string
  /** As the client asked for it, without `$share/NAME/`. */
  readonly filter: string
  /** By which it is routed, where a plugin has rewritten it. */
  readonly routed?: string
  readonly share?: string
  readonly qos: Qos
}

/** aMQTT's `subscriptions`; own tenant only. */
export interface Subscriptions {
  /** At most 100. */
  ofClient(clientId: string): Promise<readonly SubscriptionInfo[]>
  /** Who would get a message of this topic, at most 100. */
  matching(topic: string): Promise<readonly SubscriptionInfo[]>
}

/**
 * Subscribes a client of the tenant's; aMQTT's `add_subscription`. The tenant's other plugins are asked
 * first.
 *
 * @param qos default 0.
 * @returns the granted QoS.
 * @throws CapabilityError `notAllowed` by another plugin or a quota, `unavailable` where there is no such
 * session, `limit` past 20 a second.
 */
export type Subscribe = (clientId: string, filter: string, qos?: Qos) => Promise<{ readonly qos: Qos }>

/** What {@link Access.invalidate} dropped. */
export interface AccessDropped {
  /** Cached verdicts. */
  readonly verdicts: number
  /** Clients whose grants were dropped. */
  readonly grants: number
  /** Live subscriptions that were refused when they were asked about again: at most 100. */
  readonly subscriptions: readonly { readonly clientId: string; readonly filter: string }[]
  /** How many were dropped beyond these. */
  readonly more: number
}

/**
 * Permissions that change while clients are connected. Own tenant, and what this plugin itself has said;
 * other plugins' grants and verdicts stay.
 */
export interface Access {
  /**
   * Takes back what the plugin has said of a client, or under a `cacheTag`: cached verdicts, and grants
   * (tagged by the `cacheTag` of the `authenticate` verdict that gave them). Who lost its grants is from then
   * on decided by the plugin's own authorize hooks; by a refusal where it has none, until it authenticates
   * anew. Then all plugins are asked about the live subscriptions of the clients concerned, as if these
   * subscribed again, and what is refused is dropped: MQTT does not tell the client, plugins hear
   * `onBrokerClientUnsubscribed` and `onBrokerAccessDenied`. A tag concerns the clients that have a grant or
   * a subscription under it.
   *
   * The answer of an `authenticate` that is under way may be of before: the plugins are asked once more, and
   * where it is taken back again, as by who calls this in its own `authenticate`, the client is refused.
   * Where many clients are concerned, asking about them takes longer than a question may wait: it goes on all
   * the same, whether its end is awaited or not.
   *
   * @throws CapabilityError `limit` past 10 a second, or where too much of the tenant's waits already: then
   * ask again.
   */
  invalidate(what: { readonly clientId: string } | { readonly tag: string }): Promise<AccessDropped>
}

export type DigestName = 'sha1' | 'sha256' | 'sha384' | 'sha512'

export interface JwtOptions {
  /** What the token may be signed with; there is no default. */
  readonly algorithms: readonly (
    | 'HS256' | 'HS384' | 'HS512' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA'
  )[] // biome-ignore format: a table
  readonly issuer?: string
  readonly audience?: string
  /** Seconds by which clocks may differ; default 0, at most 300. */
  readonly clockToleranceSec?: number
}

/** What a token came to. */
export type JwtVerified =
  | { readonly valid: true; readonly claims: { readonly [claim: string]: Json } }
  /** `expired`, `notYetValid`, `signature`, `claim`, `malformed`. */
  | { readonly valid: false; readonly why: string }

/** Text is taken as UTF-8. */
export type Bytes = string | Uint8Array

/**
 * Done in the broker; what takes long, off its event loop. Data and keys: 64 KiB, tokens 16 KiB. A key, token
 * or hash that cannot be used, or costs too much, is `invalid`, and never repeated.
 */
export interface CryptoPower {
  digest(name: DigestName, data: Bytes): Promise<Uint8Array>
  hmac(name: DigestName, key: Bytes | SecretRef, data: Bytes): Promise<Uint8Array>
  /** @param key an HMAC key, a PEM public key, a JWK or a JWK set as text; or a secret that holds one. */
  verifyJwt(token: string, key: string | SecretRef, options: JwtOptions): Promise<JwtVerified>
  /**
   * Takes its turn: one check of a tenant at a time.
   *
   * @param hash argon2id (`$argon2id$…`; at most 100 MiB, 10 passes, 8 lanes), bcrypt (`$2b$…`; cost 14),
   * PBKDF2 (`$pbkdf2-sha256$rounds$salt$hash`; 1,000,000 rounds) or, for old password files alone,
   * sha512-crypt (`$6$salt$hash`; 1,000,000 rounds, passwords of 128 bytes).
   * @throws CapabilityError `limit` where 64 checks of the tenant wait already.
   */
  verifyPassword(password: Bytes, hash: string): Promise<boolean>
  /** At most 1024. */
  randomBytes(size: number): Promise<Uint8Array>
}

/**
 * Names match `[a-z][a-z0-9_]{0,63}`; at most 32 a plugin, each a counter or a gauge for good. Like messages
 * they leave when the call ends well; what is refused then is in the audit.
 */
export interface Metrics {
  /** Counts up by 1, or by any number above 0. */
  count(name: string, by?: number): void
  gauge(name: string, value: number): void
}
