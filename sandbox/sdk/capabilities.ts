import type { BrokerConfig } from './broker-config.ts'
import type {
  Access,
  CryptoPower,
  Fetch,
  Kv,
  Log,
  Metrics,
  Publish,
  Retained,
  Sessions,
  Subscribe,
  Subscriptions,
  Timers,
} from './powers.ts'
import type { Directories, Query } from './source-powers.ts'

/**
 * What a plugin may ask for under `capabilities`. A power that is not asked for is not there: using it throws
 * an error that says where to ask. What is asked for is granted, or cut down, by the operator; a plugin that
 * asks for what its tenant does not allow is refused.
 */
export interface Capabilities {
  /** `ctx.log`: lines in the broker's log, under the tenant's and the plugin's name. */
  readonly log?: true
  /** `ctx.publish`: `$`-topics only when named literally, never `$SYS` or `$share`. */
  readonly publish?: { readonly topics: readonly string[]; readonly perSecond?: number }
  /** `ctx.kv`: what must outlast the isolate. */
  readonly kv?: { readonly bytes: number }
  /**
   * `ctx.fetch`: https to these hosts, through the host's egress guard. `true`: wherever the operator says,
   * which may be on a network of its own.
   */
  readonly fetch?: true | { readonly hosts: readonly string[] }
  /** `ctx.timers`: while one runs, the tenant's process is not stopped for being idle. */
  readonly timers?: true
  /** `ctx.sessions`: who is connected, or was; own tenant only, as the next two. */
  readonly sessions?: true
  /** `ctx.retained`: retained messages; their payloads with `payload` alone. */
  readonly retained?: true
  /** `ctx.subscriptions`: who subscribed to what. */
  readonly subscriptions?: true
  /** `ctx.subscribe`: subscribes a client, by the other plugins' leave. */
  readonly subscribe?: true
  /** `ctx.crypto`: digests, tokens, password hashes, random bytes. */
  readonly crypto?: true
  /** `ctx.metrics`: counters and gauges under the plugin's name. */
  readonly metrics?: true
  /** `ctx.access`: takes back grants and cached verdicts of its own. */
  readonly access?: true
  /** `ctx.query`: these queries of the operator's to a database. */
  readonly query?: { readonly names: readonly string[] }
  /** `ctx.ldap`: these directories of the operator's. */
  readonly ldap?: { readonly names: readonly string[] }
  /** `ctx.brokerConfig`: listeners, limits, the own tenant and `settings:`; the operator must name it. */
  readonly brokerConfig?: true
  /** `event.password` in `authenticate`: the raw password. Without it a plugin gets none. */
  readonly password?: true
  /** `event.payload` and `message.payload`. Without it no payload crosses, which is also faster. */
  readonly payload?: true
}

/** The powers that live in `ctx`, by the capability that grants each. */
interface Powers {
  readonly log: Log
  readonly publish: Publish
  readonly kv: Kv
  readonly fetch: Fetch
  readonly timers: Timers<unknown>
  readonly sessions: Sessions
  readonly retained: Retained
  readonly subscriptions: Subscriptions
  readonly subscribe: Subscribe
  readonly access: Access
  readonly crypto: CryptoPower
  readonly metrics: Metrics
  readonly query: Query
  readonly ldap: Directories
  readonly brokerConfig: BrokerConfig
}

/**
 * What every call gets beside its event: aMQTT's `self.context`. Frozen. It belongs to this one call: powers
 * that are used after the call has ended, or through another call's `ctx`, throw.
 */
export type Ctx<Config, Asked, For extends 'broker' | 'client' = 'broker'> = {
  /** The operator's options, checked against the schema, defaults filled in, deep-frozen. */
  readonly config: Config
  /** Under which name, and of which version, this plugin runs. */
  readonly plugin: { readonly name: string; readonly version: string }
} & (For extends 'client'
  ? unknown
  : {
      /** The tenant that this plugin belongs to. */
      readonly tenant: string
    }) & {
    readonly [Name in keyof Powers & keyof Asked]: Name extends 'timers'
      ? Timers<Ctx<Config, Asked, For>>
      : Powers[Name]
  }
