import type { Json } from './powers.ts'

/** A free map: plain data of the operator's. */
export type Settings = Readonly<Record<string, Json>>

/**
 * `ctx.brokerConfig`: aMQTT's "access to the full configuration file", as far as it is a tenant's business.
 * Frozen; as the broker started with it. No secrets are in it, no paths of the host's, no other tenant.
 */
export interface BrokerConfig {
  /** Where this tenant's clients may come from; what is another tenant's own is left out. */
  readonly listeners: readonly {
    readonly name: string
    readonly type: string
    readonly host: string
    /** 0: the system chose. */
    readonly port: number
    /** Of WebSocket upgrades. */
    readonly path?: string
    readonly maxConnections: number
  }[]
  /** The `mqtt:` map, defaults filled in: sizes in bytes, times in seconds. */
  readonly mqtt: Readonly<Record<string, Json>>
  /** The own tenant's entry. */
  readonly tenant: {
    readonly name: string
    readonly match?: Readonly<Record<string, Json>>
    readonly anonymous: boolean
    readonly topicDefault: 'allow' | 'deny'
    /** Without those that are unlimited. */
    readonly quotas: Readonly<Record<string, number>>
    /** `settings:` of the tenant; without `tenants:`, the one at top level. */
    readonly settings: Settings
  }
  /** `settings:` at top level, which all tenants see. Secrets are left out, here as in the tenant's. */
  readonly settings: Settings
}
