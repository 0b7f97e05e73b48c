import type { SandboxLimits } from '../../sandbox/index.ts'
import type { PluginConfig, SandboxConfig } from './broker-config.ts'

/**
 * A client's config as it is used: every default filled in, every path absolute, every certificate read. Only
 * load-client-config.ts makes one.
 */
export interface ClientConfig {
  readonly broker: BrokerAddress
  /** Undefined: a random one. */
  readonly clientId: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  /** As in a CONNECT: 3 = 3.1, 4 = 3.1.1, 5. */
  readonly protocolVersion: 3 | 4 | 5
  readonly cleanSession: boolean
  readonly keepAliveSec: number
  /** So long before the keep alive is over, a PINGREQ is sent; 0: none ever. */
  readonly pingDelaySec: number
  readonly connectTimeoutMs: number
  readonly reconnect: ReconnectConfig | undefined
  readonly publishing: PublishingConfig
  readonly will: WillConfig | undefined
  readonly tls: ClientTlsConfig
  /** In the declared order. */
  readonly plugins: readonly PluginConfig[]
  readonly jail: SandboxConfig['jail']
  readonly limits: SandboxLimits
}

/** Where the broker is, as its URI says. */
export interface BrokerAddress {
  readonly protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss'
  /** An IPv6 address stands without brackets. */
  readonly host: string
  readonly port: number
  /** Of the upgrade request, its query included; '' where there is none. */
  readonly path: string
  readonly username: string | undefined
  readonly password: string | undefined
}

export interface ReconnectConfig {
  /** In a row, before it is given up; `Infinity`: never. */
  readonly retries: number
  readonly maxIntervalMs: number
}

/** What is sent along with a message where who publishes it does not say. */
export interface PublishingConfig {
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** Goes before the above, by topic. */
  readonly topics: ReadonlyMap<string, { readonly qos: 0 | 1 | 2; readonly retain: boolean }>
}

export interface WillConfig {
  readonly topic: string
  readonly message: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

/** Certificates and keys as PEM. */
export interface ClientTlsConfig {
  /** Empty: the authorities that Node.js knows. */
  readonly authorities: readonly string[]
  /** The client's own, where the broker asks for one. */
  readonly own: { readonly cert: string; readonly key: string } | undefined
  readonly checkHostname: boolean
  readonly verifyCert: boolean
}
