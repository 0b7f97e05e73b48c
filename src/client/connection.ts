import {
  connect,
  type IClientOptions,
  type IClientPublishOptions,
  type IClientSubscribeOptions,
  type MqttClient,
  type Packet,
} from 'mqtt'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { refusalText } from './refusal.ts'
import { traceLine } from './trace-line.ts'

export type { IClientOptions as ClientOptions, IClientPublishOptions as PublishOptions } from 'mqtt'

export interface ConnectionOptions {
  /** For messages: `127.0.0.1:1883`. */
  readonly address: string
  /** Gets a line for every packet. */
  readonly onTrace?: (line: string) => void
  /** Gets every message from the first one on, which may come right behind the CONNACK. */
  readonly onMessage?: (topic: string, payload: Buffer, retain: boolean) => void
  /** Connects again, and subscribes again, when the network breaks a connection that stood. */
  readonly reconnectMs?: number
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
      // the library's own answer forgets which filter was refused, and why
      const onPacket = (packet: Packet): void => {
        if (packet.cmd !== 'suback') return
        this.#client.off('packetreceive', onPacket)
        resolve({ codes: packet.granted.map(Number), reason: packet.properties?.reasonString })
      }
      this.#client.on('packetreceive', onPacket)
      this.#client.subscribe([...filters], options, (error) => {
        // after a SUBACK there is nothing left to settle
        if (error) reject(new BulkheadError('ERR_CLIENT', error.message, { cause: error }))
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
  const client = connect({ ...target, reconnectPeriod: 0 })
  const connected = Promise.withResolvers<void>()
  const lost = Promise.withResolvers<never>()
  // whoever is not waiting when it is lost finds out by what it does next
  lost.promise.catch(() => undefined)
  const fail = (message: string, cause?: unknown): void => {
    const error = new BulkheadError('ERR_CLIENT', message, { cause })
    connected.reject(error)
    lost.reject(error)
    client.end(true)
  }
  const isFinal = (): boolean => client.options.reconnectPeriod === 0
  if (options.onTrace !== undefined) trace(client, String(target.clientId), options.onTrace)
  client.on('message', (topic, payload, { retain }) => options.onMessage?.(topic, payload, retain))
  client.on('packetreceive', (packet) => {
    const refusal = refusalIn(packet)
    if (refusal !== undefined) fail(refusal)
  })
  client.on('connect', () => {
    client.options.reconnectPeriod = options.reconnectMs ?? 0
    connected.resolve()
  })
  client.on('error', (error) => {
    if (isFinal()) fail(`${options.address}: ${messageOf(error)}`, error)
  })
  client.on('close', () => {
    if (isFinal()) fail(`${options.address}: the connection was lost`)
  })
  await connected.promise
  return new ClientConnection(client, lost.promise)
}

/** What the broker said when it turned us away: a CONNACK with a refusal, or a DISCONNECT. */
function refusalIn(packet: Packet): string | undefined {
  if (packet.cmd === 'connack') {
    const code = packet.reasonCode ?? packet.returnCode ?? 0
    return code === 0 ? undefined : `Connection error: ${refusalText(code, packet.properties?.reasonString)}`
  }
  if (packet.cmd !== 'disconnect') return undefined
  return `Disconnected: ${refusalText(packet.reasonCode ?? 0, packet.properties?.reasonString)}`
}

function trace(client: MqttClient, clientId: string, onTrace: (line: string) => void): void {
  client.on('packetsend', (packet) => onTrace(`Client ${clientId} sending ${traceLine(packet)}`))
  client.on('packetreceive', (packet) => onTrace(`Client ${clientId} received ${traceLine(packet)}`))
}
