import type { Command } from 'commander'
import { BulkheadError } from '../base/errors.ts'
import type { ClientPlan } from '../client/client.ts'
import type { ClientOptions } from '../client/connection.ts'
import { newClientId, secured } from '../client-plan.ts'
import { expiryOf, FOREVER_SEC, numberWithin, qosOf, versionOf } from './flag-values.ts'
import { type PacketProperties, type PropertyPacket, parseProperties } from './client-properties.ts'
import { addSecureFlags, type SecureFlags, secureOptions, wantsTls } from './secure-flags.ts'

/** The flags that mosquitto_pub and mosquitto_sub have in common, and ours for a config. */
export interface ClientFlags extends SecureFlags {
  readonly host?: string
  readonly port?: number
  readonly url?: string
  readonly id?: string
  readonly username?: string
  readonly pw?: string
  readonly keepalive?: number
  readonly protocolVersion?: 3 | 4 | 5
  /** Of `-c`: a config's file, or mosquitto's flag, which takes nothing. */
  readonly c?: string | true
  readonly config?: string
  readonly disableCleanSession?: true
  readonly sessionExpiryInterval?: number
  readonly property?: string[]
  readonly debug?: true
  readonly quiet?: true
  readonly qos?: 0 | 1 | 2
  readonly willTopic?: string
  readonly willPayload?: string
  readonly willQos?: 0 | 1 | 2
  readonly willRetain?: true
}

/** Where and how to connect, and what else the common flags said. */
export interface ClientTarget extends Pick<ClientPlan, 'address' | 'retry'> {
  readonly options: ClientOptions & { readonly protocolVersion: 3 | 4 | 5 }
  readonly pingDelaySec: number | undefined
  /** The topic of `--url mqtt://host/topic`. */
  readonly topic: string | undefined
  readonly properties: Partial<Record<PropertyPacket, PacketProperties>>
}

/** Adds the common flags to `command`. */
export function addClientFlags(command: Command): Command {
  command
    .option('-h, --host <host>', 'the broker (default: 127.0.0.1)')
    .option('-p, --port <port>', 'its port (default: 1883, with TLS 8883)', numberWithin(1, 65_535))
    .option('-L, --url <url>', 'mqtt[s]://[user[:password]@]host[:port]/topic, or ws[s]://host:port/mqtt')
    .option('-i, --id <id>', 'the client identifier (default: a random one)')
    .option('-u, --username <name>', 'the user name')
    .option('-P, --pw <password>', 'the password')
    .option('-k, --keepalive <seconds>', 'the keep alive (default: 60)', numberWithin(0, 65_535))
    .option('-q, --qos <qos>', 'the quality of service (default: 0)', qosOf)
    .option('-V, --protocol-version <version>', 'mqttv31, mqttv311 (the default) or mqttv5', versionOf)
    .option('-c [file]', "a client's config, over which flags go; without FILE: keep the session (needs -i)")
    .option('--config <file>', "a client's config")
    .option('--disable-clean-session', 'keep the session (needs -i)')
    .option('-x, --session-expiry-interval <seconds>', 'when a kept session ends (MQTT 5)', expiryOf)
    .option('-D, --property <words...>', 'PACKET PROPERTY VALUE, an MQTT 5 property; may come again')
    .option('-d, --debug', 'show the packets')
    .option('--quiet', 'do not print errors')
    .option('--will-topic <topic>', 'the topic of the will')
    .option('--will-payload <payload>', 'the payload of the will')
    .option('--will-qos <qos>', 'the quality of service of the will', qosOf)
    .option('--will-retain', 'retain the will')
  return addSecureFlags(command)
}

/** The file of a client's config that the flags name. */
export function configFileOf({ c, config }: ClientFlags): string | undefined {
  return config ?? (typeof c === 'string' ? c : undefined)
}

/**
 * Turns the common flags into options of MQTT.js.
 *
 * @param plan what a config says: where a flag says otherwise, the flag goes before it.
 * @throws BulkheadError ERR_USAGE, ERR_CONFIG_READ
 */
export function clientTarget(flags: ClientFlags, plan?: ClientPlan): ClientTarget {
  const base = plan?.target ?? {}
  const protocolVersion = flags.protocolVersion ?? base.protocolVersion ?? 4
  const isKept = keepsSession(flags)
  const clientId = flags.id ?? (plan === undefined ? undefined : String(base.clientId))
  if (isKept && clientId === undefined) throw usage('-c needs a client identifier: -i')
  if (protocolVersion === 3 && flags.id === '') throw usage('MQTT 3.1 needs a client identifier: -i')
  const url = parseUrl(flags.url)
  const place = placeOf(flags, url, base)
  const properties = parseProperties(flags.property ?? [])
  const options = {
    ...base,
    ...place.options,
    ...secured(place.options.protocol, { ...place.names, ...secureOptions(flags) }, base),
    protocolVersion,
    protocolId: protocolVersion === 3 ? ('MQIsdp' as const) : ('MQTT' as const),
    clientId: clientId ?? newClientId(),
    clean: isKept ? false : (base.clean ?? true),
    keepalive: flags.keepalive ?? base.keepalive ?? KEEP_ALIVE_SEC,
    ...credentials(flags, url),
    ...will(flags, protocolVersion, properties.will),
    ...(protocolVersion === 5 && {
      properties: { ...base.properties, ...connectProperties(flags, properties.connect) },
    }),
  }
  const { address, topic } = place
  const { retry, pingDelaySec } = plan ?? {}
  // a keep alive of the command line's is not the one that the config's delay is for
  const delay = flags.keepalive === undefined ? pingDelaySec : undefined
  return { options, address, topic, properties, retry, pingDelaySec: delay }
}

const KEEP_ALIVE_SEC = 60

function keepsSession({ c, disableCleanSession }: ClientFlags): boolean {
  return c === true || disableCleanSession === true
}

interface Place {
  readonly options: Pick<ClientOptions, 'protocol' | 'host' | 'port' | 'path'>
  /** Whom the broker's certificate must be for, where its address does not say. */
  readonly names: { readonly servername?: string }
  readonly address: string
  readonly topic: string | undefined
}

const PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const

function placeOf(flags: ClientFlags, url: URL | undefined, base: ClientOptions): Place {
  const scheme = url?.protocol.slice(0, -1).replace(/^tcp$/, 'mqtt') ?? base.protocol ?? 'mqtt'
  const protocol = (wantsTls(flags) ? SECURED[scheme] : scheme) as keyof typeof PORTS
  const isWebSocket = protocol.startsWith('ws')
  const written = flags.host ?? url?.hostname ?? base.host ?? '127.0.0.1'
  // another host is another broker: the config's port is not its own
  const basePort =
    url === undefined && flags.host === undefined && scheme === protocol ? base.port : undefined
  const port = flags.port ?? (Number(url?.port) || (basePort ?? PORTS[protocol]))
  const path = isWebSocket && url !== undefined ? url.pathname : base.path
  const host = written.replace(/^\[(.*)\]$/, '$1')
  const topic = isWebSocket ? '' : decodeURIComponent(url?.pathname.slice(1) ?? '')
  return {
    options: {
      protocol,
      // every listener of a broker is on an address, and `localhost` is two of them
      host: host === 'localhost' ? '127.0.0.1' : host,
      port,
      ...(path !== undefined && { path }),
    },
    names: host === 'localhost' ? { servername: host } : {},
    address: `${written}:${port}`,
    topic: topic === '' ? undefined : topic,
  }
}

const SECURED: Readonly<Record<string, keyof typeof PORTS>> = {
  mqtt: 'mqtts',
  mqtts: 'mqtts',
  ws: 'wss',
  wss: 'wss',
}

function parseUrl(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['mqtt:', 'tcp:', 'mqtts:', 'ws:', 'wss:'].includes(url.protocol)) {
    const expected = 'mqtt[s]://host[:port]/topic or ws[s]://host:port/path'
    throw usage(`--url expects ${expected}, got ${JSON.stringify(text)}`)
  }
  return url
}

function credentials(flags: ClientFlags, url: URL | undefined): Pick<ClientOptions, 'username' | 'password'> {
  const username = flags.username ?? (url?.username ? decodeURIComponent(url.username) : undefined)
  const password = flags.pw ?? (url?.password ? decodeURIComponent(url.password) : undefined)
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) }
}

function will(
  flags: ClientFlags,
  protocolVersion: 3 | 4 | 5,
  properties: PacketProperties | undefined,
): Pick<ClientOptions, 'will'> {
  if (flags.willTopic === undefined) {
    if (flags.willPayload === undefined && !flags.willRetain) return {}
    throw usage('a will needs --will-topic')
  }
  return {
    will: {
      topic: flags.willTopic,
      payload: Buffer.from(flags.willPayload ?? ''),
      qos: flags.willQos ?? 0,
      retain: flags.willRetain === true,
      ...(protocolVersion === 5 && properties !== undefined && { properties }),
    },
  }
}

/** As with mosquitto: a session that is kept is kept for ever, unless -x says how long. */
function connectProperties(flags: ClientFlags, given: PacketProperties | undefined): PacketProperties {
  const expiry = flags.sessionExpiryInterval ?? (keepsSession(flags) ? FOREVER_SEC : undefined)
  return { ...(expiry !== undefined && { sessionExpiryInterval: expiry }), ...given }
}

function usage(message: string): BulkheadError {
  return new BulkheadError('ERR_USAGE', message)
}
