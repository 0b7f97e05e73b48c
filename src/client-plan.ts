import { randomBytes } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import type { ClientPlan } from './client/client.ts'
import type { ClientOptions } from './client/connection.ts'
import type { ClientConfig } from './config/client-config.ts'

/** What a client's config means to MQTT.js. */
export function clientPlan(config: ClientConfig): ClientPlan {
  const { broker, reconnect, pingDelaySec, publishing } = config
  return {
    target: clientTarget(config),
    address: `${broker.host}:${broker.port}`,
    retry: reconnect && { ...reconnect, fromStart: true },
    pingDelaySec,
    publishing,
  }
}

function clientTarget(config: ClientConfig): ClientOptions {
  const { broker, username, password, protocolVersion, will, tls } = config
  const isSecure = broker.protocol === 'mqtts' || broker.protocol === 'wss'
  return {
    protocol: broker.protocol,
    host: broker.host,
    port: broker.port,
    ...(broker.path !== '' && { path: broker.path }),
    protocolVersion,
    ...(protocolVersion === 3 && { protocolId: 'MQIsdp' }),
    clientId: config.clientId ?? newClientId(),
    clean: config.cleanSession,
    // MQTT 5 ends a session with its connection unless a client asks for more; before, it was kept for ever
    ...(protocolVersion === 5 &&
      !config.cleanSession && { properties: { sessionExpiryInterval: FOREVER_SEC } }),
    keepalive: config.keepAliveSec,
    connectTimeout: config.connectTimeoutMs,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(will && {
      will: { topic: will.topic, payload: Buffer.from(will.message), qos: will.qos, retain: will.retain },
    }),
    ...(isSecure && secured(broker.protocol, tlsOptions(tls))),
  }
}

/** A client identifier that nobody else has. */
export function newClientId(): string {
  return `bulkhead-${randomBytes(6).toString('hex')}`
}

/** What Node.js is told of certificates. */
export type TlsOptions = Pick<
  ConnectionOptions,
  | 'ALPNProtocols'
  | 'ca'
  | 'cert'
  | 'checkServerIdentity'
  | 'ciphers'
  | 'key'
  | 'maxVersion'
  | 'minVersion'
  | 'rejectUnauthorized'
  | 'servername'
>

function tlsOptions({ authorities, own, checkHostname, verifyCert }: ClientConfig['tls']): TlsOptions {
  return {
    ...(authorities.length > 0 && { ca: [...authorities] }),
    ...own,
    rejectUnauthorized: verifyCert,
    // the certificate itself is still looked at
    ...(!checkHostname && { checkServerIdentity: () => undefined }),
  }
}

/**
 * The library hands few of these on to a WebSocket by itself.
 *
 * @param base what they go before.
 */
export function secured(
  protocol: ClientOptions['protocol'],
  options: TlsOptions,
  base: ClientOptions = {},
): ClientOptions {
  // its types know what `ws` adds, and not that `ws` hands the rest to Node.js
  const wsOptions: object = { ...base.wsOptions, ...options }
  return { ...(options as object), ...(protocol === 'wss' && { wsOptions }) }
}

const FOREVER_SEC = 0xffff_ffff
