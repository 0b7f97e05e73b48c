import { connect, type IPublishPacket, type MqttClient, type Packet } from 'mqtt'
import { BulkheadError, messageOf } from '../base/errors.ts'
import type { ClientTarget } from './client-flags.ts'
import { refusalText } from './refusal.ts'
import { traceLine } from './trace-line.ts'

/** A connection that stands, and when it comes to an end. */
export interface ClientConnection {
  readonly client: MqttClient
  /** Rejects when the broker ends the connection, or it breaks for good. Never resolves. */
  readonly lost: Promise<never>
  /** Sends DISCONNECT once what is under way is done. */
  end(): Promise<void>
}

export interface ConnectionOptions {
  /** Prints a line for every packet on stdout. */
  readonly debug: boolean
  /** Gets every message from the first one on, which may come right behind the CONNACK. */
  readonly onMessage?: (topic: string, payload: Buffer, packet: IPublishPacket) => void
  /** Connects again, and subscribes again, when the network breaks a connection that stood. */
  readonly reconnectMs?: number
}

/**
 * Connects as the flags say.
 *
 * @throws BulkheadError ERR_CLIENT when there is no broker, or it refuses; its message has the broker's reason.
 */
export async function openConnection(
  target: ClientTarget,
  options: ConnectionOptions,
): Promise<ClientConnection> {
  const client = connect(target.options)
  const connected = Promise.withResolvers<void>()
  const lost = Promise.withResolvers<never>()
  // whoever only publishes may never look at it
  lost.promise.catch(() => undefined)
  const fail = (message: string, cause?: unknown): void => {
    const error = new BulkheadError('ERR_CLIENT', message, { cause })
    connected.reject(error)
    lost.reject(error)
    client.end(true)
  }
  if (options.debug) trace(client, String(target.options.clientId))
  if (options.onMessage !== undefined) client.on('message', options.onMessage)
  client.on('packetreceive', (packet) => {
    const refusal = refusalIn(packet)
    if (refusal !== undefined) fail(refusal)
  })
  client.on('connect', () => {
    client.options.reconnectPeriod = options.reconnectMs ?? 0
    connected.resolve()
  })
  client.on('error', (error) => {
    if (client.options.reconnectPeriod === 0) fail(`${target.address}: ${messageOf(error)}`, error)
  })
  client.on('close', () => {
    if (client.options.reconnectPeriod === 0) fail(`${target.address}: the connection was lost`)
  })
  await connected.promise
  return { client, lost: lost.promise, end: () => client.endAsync(false, disconnectOptions(target)) }
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

function disconnectOptions({ options, properties }: ClientTarget): Parameters<MqttClient['endAsync']>[1] {
  if (options.protocolVersion !== 5 || properties.disconnect === undefined) return {}
  return { properties: properties.disconnect }
}

function trace(client: MqttClient, clientId: string): void {
  client.on('packetsend', (packet) =>
    process.stdout.write(`Client ${clientId} sending ${traceLine(packet)}\n`),
  )
  client.on('packetreceive', (packet) =>
    process.stdout.write(`Client ${clientId} received ${traceLine(packet)}\n`),
  )
}
