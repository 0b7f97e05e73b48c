import {
  connect,
  type IClientOptions,
  type IClientPublishOptions,
  type IClientSubscribeOptions,
  type IPublishPacket,
  type MqttClient,
  type Packet,
} from 'mqtt'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { Reconnect, type RetryPolicy } from './reconnect.ts'
import { refusalIn, refusalText } from './refusal.ts'

export type {
  IClientOptions as ClientOptions,
  IClientPublishOptions as PublishOptions,
  IPublishPacket as PublishPacket,
  Packet,
} from 'mqtt'

/** Sees every packet, in both directions. */
export interface PacketWatch {
  sent(packet: Packet): void
  received(packet: Packet): void
}

export interface ConnectionOptions {
  /** For messages: `127.0.0.1:1883`. */
  readonly address: string
  readonly watches?: readonly PacketWatch[]
  /** Gets every message from the first one on, which may come right behind the CONNACK. */
  readonly onMessage?: (topic: string, payload: Buffer, packet: IPublishPacket) => void
  /** Undefined: a connection that breaks is lost. Where one is tried again, it subscribes again, too. */
  readonly retry?: RetryPolicy | undefined
  /** So long before the keep alive is over, a PINGREQ is sent; 0: never. Default: when it is over. */
  readonly pingDelaySec?: number
}

/** What a broker answered to a SUBSCRIBE. */
export interface Suback {
  /** One reason code a filter, in the order of the SUBSCRIBE; 0x80 and above refuse. */
  readonly codes: readonly number[]
  readonly reason: string | undefined
}

/** An MQTT connection that stands. What a broker refuses comes out as the reason that it gave. */
export class ClientConnection {
  /** Rejects when the broker ends the connection, or it breaks for good. Never resolves. */
  readonly lost: Promise<never>
  readonly #client: MqttClient

  constructor(client: MqttClient, lost: Promise<never>) {
    this.#client = client
    this.lost = lost
  }

  /**
   * Resolves when the message is written, or with QoS 1 and 2 acknowledged. A broker can refuse one since
   * MQTT 5.
   *
   * @throws BulkheadError ERR_CLIENT with the broker's reason.
   */
  publish(topic: string, payload: Buffer, options: IClientPublishOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.publish(topic, payload, options, (error, packet) => {
        if (!error) {
          resolve()
          return
        }
        const answered = packet?.cmd === 'puback' || packet?.cmd === 'pubrec'
        const reason = answered ? packet.properties?.reasonString : undefined
        const refused = 'code' in error ? refusalText(error.code, reason) : error.message
        reject(new BulkheadError('ERR_CLIENT', `Publish to ${topic} refused: ${refused}`, { cause: error }))
      })
    })
  }

  /** Subscribes to all filters in one packet. */
  subscribe(filters: readonly string[], options: IClientSubscribeOptions): Promise<Suback> {
    return new Promise((resolve, reject) => {
      this.#client.subscribe([...filters], options, (error, asked, packet) => {
        // a refused filter is an error to the library, too
        if (error && packet === undefined) {
          reject(new BulkheadError('ERR_CLIENT', error.message, { cause: error }))
          return
        }
        const codes = new Map(
          (asked ?? []).map(({ topic }, place) => [topic, Number(packet?.granted[place])]),
        )
        resolve({
          // it sends nothing for what it is subscribed to already
          codes: filters.map((filter) => codes.get(filter) ?? options.qos),
          reason: packet?.properties?.reasonString,
        })
      })
    })
  }

  async unsubscribe(filters: readonly string[]): Promise<void> {
    await this.#client.unsubscribeAsync([...filters])
  }

  /** Sends DISCONNECT once what is under way is done. */
  end(properties?: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#client.endAsync(false, properties === undefined ? {} : { properties })
  }

  /** Closes the connection as it is: nothing that is under way is waited for. */
  abort(): void {
    this.#client.end(true)
  }
}

/**
 * Connects.
 *
 * @throws BulkheadError ERR_CLIENT when there is no broker, or it refuses; its message has the broker's
 * reason.
 */
export async function openConnection(
  target: IClientOptions,
  options: ConnectionOptions,
): Promise<ClientConnection> {
  const reconnect = new Reconnect(options.retry)
  const client = connect({
    ...target,
    reconnectPeriod: reconnect.waitMs,
    reconnectOnConnackError: true,
    // it writes CONNECT at once, and nobody would hear of it
    manualConnect: true,
  })
  const connected = Promise.withResolvers<void>()
  const lost = Promise.withResolvers<never>()
  // whoever is not waiting when it is lost finds out by what it does next
  lost.promise.catch(() => undefined)
  let last: { readonly message: string; readonly cause?: unknown } | undefined
  const fail = (message: string, cause?: unknown): void => {
    const error = new BulkheadError('ERR_CLIENT', message, { cause })
    connected.reject(error)
    lost.reject(error)
    client.end(true)
  }
  watchPackets(client, options.watches ?? [])
  ahead(client, options.pingDelaySec)
  client.on('message', (...message) => options.onMessage?.(...message))
  client.on('packetreceive', (packet) => {
    const refusal = refusalIn(packet)
    if (refusal === undefined) return
    last = { message: refusal.text }
    if (!refusal.isPassing || client.options.reconnectPeriod === 0) fail(refusal.text)
  })
  client.on('connect', () => {
    reconnect.stands()
    client.options.reconnectPeriod = reconnect.waitMs
    connected.resolve()
  })
  client.on('reconnect', () => {
    reconnect.attempt()
    // the library looks at it when this attempt has failed
    client.options.reconnectPeriod = reconnect.waitMs
    last = undefined
  })
  client.on('error', (error) => {
    last ??= { message: `${options.address}: ${messageOf(error)}`, cause: error }
  })
  client.on('close', () => {
    if (client.options.reconnectPeriod !== 0) return
    fail(last?.message ?? `${options.address}: the connection was lost`, last?.cause)
  })
  client.options.manualConnect = false
  client.connect()
  await connected.promise
  return new ClientConnection(client, lost.promise)
}

function watchPackets(client: MqttClient, watches: readonly PacketWatch[]): void {
  for (const watch of watches) {
    client.on('packetsend', (packet) => watch.sent(packet))
    client.on('packetreceive', (packet) => watch.received(packet))
  }
}

/**
 * Has the library ping ahead of the keep alive: it pings as often as its option says, which is also what it
 * writes into CONNECT.
 */
function ahead(client: MqttClient, pingDelaySec: number | undefined): void {
  const { options } = client
  const { keepalive = 0 } = options
  if (pingDelaySec === undefined || keepalive === 0) return
  client.on('packetreceive', ({ cmd }) => {
    if (cmd === 'connack') options.keepalive = pingDelaySec === 0 ? 0 : keepalive - pingDelaySec
  })
  client.on('reconnect', () => {
    options.keepalive = keepalive
  })
}
