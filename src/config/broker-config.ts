import type { AskerName, PasswordHash, PreparedPlugin, SandboxLimits } from '../../sandbox/index.ts'
import type { AccessList } from './access-list.ts'
import type { TenantSources } from './source-config.ts'

/**
 * The config as the broker uses it: every default filled in, every path absolute, every size a number of
 * bytes. Only load-config.ts makes one, so whoever reads it has nothing left to check.
 */
export interface BrokerConfig {
  /** What relative paths in the config are relative to. */
  readonly baseDir: string
  /** The config file, or undefined when the config was an object or the demo. */
  readonly file: string | undefined
  readonly listeners: readonly ListenerConfig[]
  readonly mqtt: MqttConfig
  readonly log: LogConfig
  readonly metrics: MetricsConfig
  readonly admin: AdminConfig
  /** How long clients are sent away for, when it is told to stop. */
  readonly drainSec: number
  /** Another server, which clients are told to use when this one stops; undefined: there is none. */
  readonly serverReference: string | undefined
  readonly sys: { /** 0: never. */ readonly intervalSec: number }
  /** In file order, which is the order of matching. */
  readonly tenants: readonly TenantConfig[]
  readonly sandbox: SandboxConfig
  /** A free map for plugins with the `brokerConfig` capability of all tenants, without its secrets. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The folder where state lives that outlives the process; undefined: there is none. */
  readonly data: string | undefined
  /** When what is acknowledged is safe: on the disk, with the operating system, or not at all. */
  readonly durability: 'fsync' | 'os' | 'memory'
  /** The path of the control socket; `off`: none. Undefined: whoever starts the broker chooses. */
  readonly controlSocket: string | undefined
  /** No config was given: loopback, and one tenant with the examples. */
  readonly demo: boolean
}

/** Which lines of the log are written: a threshold for all, and others for some components. */
export interface LogConfig {
  readonly level: LogThreshold
  readonly levels: Readonly<
    Partial<Record<'client' | 'plugin' | 'cell' | 'store' | 'source' | 'listener', LogThreshold>>
  >
}

export type LogThreshold = 'info' | 'warn' | 'error' | 'off'

export interface MetricsConfig {
  /** Where they are served; undefined: nowhere of their own. */
  readonly bind: { readonly host: string; readonly port: number } | undefined
  /** Tenants, and plugins, with series of their own. */
  readonly series: number
}

export interface ListenerConfig {
  readonly name: string
  readonly type: 'tcp' | 'ws'
  /** Where it listens; a Unix socket has no host. */
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** A Unix socket, and the permissions of its file; undefined: it has an address. */
  readonly socket: { readonly path: string; readonly mode: number } | undefined
  /** Of upgrade requests: its own first, then those that tenants match by; none of `tcp`. */
  readonly paths: readonly string[]
  /** Of the pages whose scripts may connect; undefined: of all. */
  readonly origins: readonly string[] | undefined
  readonly maxConnections: number
  /** Newcomers; Infinity: as many as come. */
  readonly connectsPerSec: number
  /** What holds for its clients, where its own words are not those for all. */
  readonly mqtt: MqttConfig
  readonly tls: TlsConfig | undefined
  /** Proxies that say for whom they speak; undefined: clients come by themselves. */
  readonly proxies: ProxyConfig | undefined
}

export interface ProxyConfig {
  /** `ADDRESS` or `ADDRESS/BITS`. */
  readonly trusted: readonly string[]
  /** What clients must have shown the proxy, by its own word. */
  readonly require: 'nothing' | 'tls' | 'certificate'
}

/** Absolute paths of what one server name shows and judges its clients by. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
  readonly keyPassphrase: string | undefined
  readonly caFile: string | undefined
  readonly crlFile: string | undefined
}

export interface TlsConfig extends CertificateFiles {
  readonly clientCertificate: 'none' | 'request' | 'require'
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly ciphers: string | undefined
  /** By server name, in lower case. */
  readonly sni: ReadonlyMap<string, CertificateFiles>
  readonly handshakeTimeoutSec: number
  /** At a time. */
  readonly maxHandshakes: number
}

/** What holds for the connections of one listener. */
export interface ConnectionRules {
  readonly receiveMaximum: number
  readonly topicAliasMaximum: number
  /** In bytes. Known before the tenant is, so no tenant's quota can exceed it. */
  readonly maximumPacketSize: number
  readonly maximumQos: 0 | 1 | 2
  /** The keep alive that MQTT 5 clients get, in seconds, or undefined to take the client's own. */
  readonly serverKeepAlive: number | undefined
  /** In seconds: who asks for a longer one, or for none, gets this one (MQTT 5) or is refused. */
  readonly maxKeepalive: number
  /** How long a connection may be silent before its CONNECT. */
  readonly connectTimeoutSec: number
  readonly allowZeroLengthClientid: boolean
  /** What assigned client identifiers begin with. */
  readonly autoIdPrefix: string
  readonly acceptProtocolVersions: readonly (3 | 4 | 5)[]
}

/**
 * The standard's limits, for every tenant: most are told to a client in its CONNACK. `Infinity` where there
 * is no bound.
 */
export interface MqttConfig extends ConnectionRules {
  readonly retainAvailable: boolean
  /** In seconds; 0xFFFFFFFF is forever. */
  readonly sessionExpiryIntervalMax: number
  readonly wildcardSubscriptionAvailable: boolean
  readonly sharedSubscriptionAvailable: boolean
  readonly subscriptionIdentifiersAvailable: boolean
  readonly maxInflightMessages: number
  readonly maxInflightBytes: number
  readonly maxQueuedMessages: number
  readonly maxQueuedBytes: number
  /** Bytes of one payload from a client. */
  readonly messageSizeLimit: number
  /** Whether messages are delivered with the QoS of the subscription. */
  readonly upgradeOutgoingQos: boolean
  /** Whether messages of QoS 0 wait for who is away. */
  readonly queueQos0Messages: boolean
  /** Sessions of all tenants. */
  readonly globalMaxClients: number
  /** Connected clients of all listeners. */
  readonly globalMaxConnections: number
  /** A refused PUBLISH of a client before MQTT 5, which has no reason code for it. */
  readonly onRefusedPublish: 'drop' | 'close'
}

/** The admin API. */
export interface AdminConfig {
  /** Where it listens; undefined: nowhere but on the control socket. */
  readonly bind: { readonly host: string; readonly port: number } | undefined
  /** Whether tenants can be made at run time. */
  readonly tenants: 'on' | 'off'
}

export interface TenantConfig {
  readonly name: string
  /** All that is given must match. Undefined: the tenant of whoever matches no other. */
  readonly match: TenantMatch | undefined
  /** Whether a client is admitted when no plugin declares `authenticate`. */
  readonly anonymous: boolean
  /** Who may come in, and do what, whatever plugins say. Undefined: plugins alone decide. */
  readonly builtin?: BuiltinConfig | undefined
  /** The answer for publish, subscribe and receive when no plugin declares the hook. */
  readonly topicDefault: 'allow' | 'deny'
  /** What the tenant's plugins may be granted. */
  readonly allow: Grants
  readonly quotas: Quotas
  /** How its messages leave; the operator's word. */
  readonly delivery: Pick<MqttConfig, 'upgradeOutgoingQos' | 'queueQos0Messages'>
  /** Its own and the operator's, an own query before another of the same name. */
  readonly sources: TenantSources
  /** A free map for plugins with the `brokerConfig` capability, without its secrets. */
  readonly settings: Readonly<Record<string, unknown>>
  /** In the declared order. */
  readonly plugins: readonly PluginConfig[]
  readonly limits: SandboxLimits
  readonly jit: boolean
  /** Whether a plugin's `onFault` may say `allow` for a security hook. */
  readonly allowFailOpen: boolean
  /** Whose signatures of uploaded plugins count, as keys of minisign, and whether there must be one. */
  readonly signing: { readonly trustedKeys: readonly string[]; readonly required: boolean }
  /** Where it stands: `broker.yaml:12:5`; undefined: in no file. */
  readonly origin?: string | undefined
}

/** The broker's own voter of a tenant. */
export interface BuiltinConfig {
  /** By user name. Undefined: it does not say who comes in. */
  readonly passwords: ReadonlyMap<string, PasswordHash> | undefined
  /** Undefined: it does not say who may do what. */
  readonly acl: AccessList | undefined
}

export interface TenantMatch {
  readonly listener?: string
  /** By which the client calls the server. */
  readonly tlsServerName?: string
  /** A part of its verified certificate's subject; `*`: it has one. */
  readonly clientCertificate?: string
  readonly wsPath?: string
  /** Without the port. */
  readonly wsHost?: string
  readonly usernamePrefix?: string
}

/** Capabilities by name: `true`, or the bounds within which they are granted. */
export type Grants = PreparedPlugin['capabilities']

/** A tenant's bounds; `Infinity` where there is none. */
export interface Quotas {
  readonly connections: number
  /** Of clients that are connected and of those that may return. */
  readonly sessions: number
  readonly messagesPerSec: number
  readonly bytesPerSec: number
  readonly retainedMessages: number
  readonly retainedBytes: number
  /** Of one session. */
  readonly queuedMessages: number
  /** Of one session. */
  readonly queuedBytes: number
  /** Of one session: QoS 1 and 2 messages sent and not yet acknowledged. */
  readonly inflightMessages: number
  /** Of one session: the payloads of these messages. */
  readonly inflightBytes: number
  /** Of all sessions together. */
  readonly allQueuedMessages: number
  /** Of all sessions together. */
  readonly allQueuedBytes: number
  readonly subscriptionsPerSession: number
  /** Of all wills that its clients have left. */
  readonly willBytes: number
  /** In bytes. */
  readonly maximumPacketSize: number
  /** The longest session expiry interval; 0xFFFFFFFF is forever. */
  readonly sessionExpirySec: number
}

/** One plugin; all but `onFault` is what the plugin host needs to prepare it. */
export interface PluginConfig {
  /** Unique in its tenant. */
  readonly name: string
  /** Absolute path of a folder or of a `.bundle.json` file. */
  readonly path: string
  /** The export that is meant, if the module has it (aMQTT's dotted names). */
  readonly exportName?: string
  readonly options: Readonly<Record<string, unknown>>
  /** Options that hold the content of a file, and the path that was written for each. */
  readonly optionFiles?: Readonly<Record<string, string>>
  /** The options are several plugins' together (aMQTT's older form): it takes those that its schema names. */
  readonly sharesOptions?: true
  /** Questions that the operator puts to others alone (aMQTT's older form). */
  readonly unasked?: readonly AskerName[]
  /** What it may be granted: the tenant's `allow`, narrowed by the plugin's own `capabilities`. */
  readonly allow: Grants
  /** What answers when the plugin does not; `deny` where nothing is written. */
  readonly onFault: Readonly<Partial<Record<AskerName, FaultAnswer>>>
  /** How long its questions may wait for the host; the tenant's limit where nothing is written. */
  readonly waitMs: Readonly<Partial<SandboxLimits['waitMs']>>
  /** What the host puts in where the plugin names it; the plugin never sees them. */
  readonly secrets: Readonly<Record<string, string>>
}

export type FaultAnswer = 'deny' | 'abstain' | 'allow' | 'disconnect'

export interface SandboxConfig {
  readonly jail: 'auto' | 'strict' | 'minimal'
  /** From when the start of its cell begins … */
  readonly startWaitMs: number
  /** … and before, while other tenants' cells start or work. */
  readonly startQueueMs: number
  /** A cell without a question for this long is stopped. */
  readonly idleStopSec: number
  /** Cells that wait, started, for the next tenant. */
  readonly spareCells: number
  /** Cells that run at once; `auto`: as many as the machine's memory holds. */
  readonly maxCells: number | 'auto'
  /** The operator's limits: the default and the maximum of every tenant's. */
  readonly limits: SandboxLimits
}
