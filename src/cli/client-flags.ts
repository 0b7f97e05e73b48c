import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { BulkheadError } from '../base/errors.ts'
import type { ClientOptions } from '../client/connection.ts'
import { expiryOf, FOREVER_SEC, numberWithin, qosOf, versionOf } from './flag-values.ts'
import { type PacketProperties, type PropertyPacket, parseProperties } from './client-properties.ts'

/** The flags that mosquitto_pub and mosquitto_sub have in common. */
export interface ClientFlags {
  readonly host?: string
  readonly port?: number
  readonly url?: string
  readonly id?: string
  readonly username?: string
  readonly pw?: string
  readonly keepalive: number
  readonly protocolVersion: 3 | 4 | 5
  readonly disableCleanSession?: true
  readonly sessionExpiryInterval?: number
  readonly property?: string[]
  readonly debug?: true
  readonly quiet?: true
  readonly qos: 0 | 1 | 2
  readonly willTopic?: string
  readonly willPayload?: string
  readonly willQos: 0 | 1 | 2
  readonly willRetain?: true
}

/** Where and how to connect, and what else the common flags said. */
export interface ClientTarget {
  readonly options: ClientOptions
  /** For messages: `127.0.0.1:1883`. */
  readonly address: string
  /** The topic of `--url mqtt://host/topic`. */
  readonly topic: string | undefined
  readonly properties: Partial<Record<PropertyPacket, PacketProperties>>
}

/** Adds the common flags to `command`. */
export function addClientFlags(command: Command): Command {
  return command
    .option('-h, --host <host>', 'the broker (default: 127.0.0.1)')
    .option('-p, --port <port>', 'its port (default: 1883)', numberWithin(1, 65_535))
    .option('-L, --url <url>', 'mqtt://[user[:password]@]host[:port]/topic, or ws://host:port/mqtt')
    .option('-i, --id <id>', 'the client identifier (default: a random one)')
    .option('-u, --username <name>', 'the user name')
    .option('-P, --pw <password>', 'the password')
    .option('-k, --keepalive <seconds>', 'the keep alive', numberWithin(0, 65_535), 60)
    .option('-q, --qos <qos>', 'the quality of service', qosOf, 0)
    .option('-V, --protocol-version <version>', 'mqttv31, mqttv311 or mqttv5', versionOf, 4)
    .option('-c, --disable-clean-session', 'keep the session (needs -i)')
    .option('-x, --session-expiry-interval <seconds>', 'when a kept session ends (MQTT 5)', expiryOf)
    .option('-D, --property <words...>', 'PACKET PROPERTY VALUE, an MQTT 5 property; may come again')
    .option('-d, --debug', 'show the packets')
    .option('--quiet', 'do not print errors')
    .option('--will-topic <topic>', 'the topic of the will')
    .option('--will-payload <payload>', 'the payload of the will')
    .option('--will-qos <qos>', 'the quality of service of the will', qosOf, 0)
    .option('--will-retain', 'retain the will')
}

/**
 * Turns the common flags into options of MQTT.js.
 *
 * @throws BulkheadError ERR_USAGE
 */
export function clientTarget(flags: ClientFlags): ClientTarget {
  const url = parseUrl(flags.url)
  if (flags.disableCleanSession && flags.id === undefined) throw usage('-c needs a client identifier: -i')
  if (flags.protocolVersion === 3 && flags.id === '') throw usage('MQTT 3.1 needs a client identifier: -i')
  const isWebSocket = url?.protocol === 'ws:'
  const host = flags.host ?? url?.hostname ?? '127.0.0.1'
  const port = flags.port ?? (Number(url?.port) || (isWebSocket ? 80 : 1883))
  const properties = parseProperties(flags.property ?? [])
  const options: ClientOptions = {
    protocol: isWebSocket ? 'ws' : 'mqtt',
    // every listener of a broker is on an address, and `localhost` is two of them
    host: host === 'localhost' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1'),
    port,
    protocolVersion: flags.protocolVersion,
    ...(flags.protocolVersion === 3 && { protocolId: 'MQIsdp' }),
    clientId: flags.id ?? `bulkhead-${randomBytes(6).toString('hex')}`,
    clean: !flags.disableCleanSession,
    keepalive: flags.keepalive,
    ...(isWebSocket && { path: url.pathname }),
    ...credentials(flags, url),
    ...will(flags, properties.will),
    ...(flags.protocolVersion === 5 && { properties: connectProperties(flags, properties.connect) }),
  }
  const topic = isWebSocket ? '' : decodeURIComponent(url?.pathname.slice(1) ?? '')
  return { options, address: `${host}:${port}`, topic: topic === '' ? undefined : topic, properties }
}

function parseUrl(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['mqtt:', 'tcp:', 'ws:'].includes(url.protocol)) {
    throw usage(`--url expects mqtt://host[:port]/topic or ws://host:port/path, got ${JSON.stringify(text)}`)
  }
  return url
}

function credentials(flags: ClientFlags, url: URL | undefined): Pick<ClientOptions, 'username' | 'password'> {
  const username = flags.username ?? (url?.username ? decodeURIComponent(url.username) : undefined)
  const password = flags.pw ?? (url?.password ? decodeURIComponent(url.password) : undefined)
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) }
}

function will(flags: ClientFlags, properties: PacketProperties | undefined): Pick<ClientOptions, 'will'> {
  if (flags.willTopic === undefined) {
    if (flags.willPayload === undefined && !flags.willRetain) return {}
    throw usage('a will needs --will-topic')
  }
  return {
    will: {
      topic: flags.willTopic,
      payload: Buffer.from(flags.willPayload ?? ''),
      qos: flags.willQos,
      retain: flags.willRetain === true,
      ...(flags.protocolVersion === 5 && properties !== undefined && { properties }),
    },
  }
}

/** As with mosquitto: a session that is kept is kept for ever, unless -x says how long. */
function connectProperties(flags: ClientFlags, given: PacketProperties | undefined): PacketProperties {
  const expiry = flags.sessionExpiryInterval ?? (flags.disableCleanSession ? FOREVER_SEC : undefined)
  return { ...(expiry !== undefined && { sessionExpiryInterval: expiry }), ...given }
}

function usage(message: string): BulkheadError {
  return new BulkheadError('ERR_USAGE', message)
}
