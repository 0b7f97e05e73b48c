import { after } from 'node:test'
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt'

/** What a client got: enough to compare, nothing of the library's. */
export interface Received {
  readonly topic: string
  readonly payload: string
  readonly qos: number
  readonly retain: boolean
  readonly packet: IPublishPacket
}

/** MQTT.js, connected; ended when the test file ends. Rejects when the broker refuses it. */
export async function connectClient(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  return (await connectWithInbox(url, options)).client
}

/**
 * The same, with an inbox that listens from before CONNECT: a kept session's messages follow right behind
 * CONNACK.
 */
export async function connectWithInbox(
  url: string,
  options: IClientOptions = {},
): Promise<{ readonly client: MqttClient; readonly inbox: Inbox }> {
  const client = connect(url, { reconnectPeriod: 0, connectTimeout: 10_000, ...options })
  after(() => client.end(true))
  const inbox = new Inbox(client)
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
    client.once('close', () => reject(new Error('closed before CONNACK')))
  })
  client.on('error', () => undefined) // a test that cares listens for itself
  return { client, inbox }
}

/** Collects what a client receives, and waits for as many as a test needs. */
export class Inbox {
  readonly messages: Received[] = []
  #wake: (() => void) | null = null

  constructor(client: MqttClient) {
    client.on('message', (topic, payload, packet) => {
      this.messages.push({
        topic,
        payload: payload.toString(),
        qos: packet.qos,
        retain: packet.retain,
        packet,
      })
      this.#wake?.()
    })
  }

  /** Waits until there are `count` messages; the test's own stop ends a wait that is in vain. */
  async take(count: number): Promise<readonly Received[]> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.messages.slice(0, count)
  }
}

/** The reason with which the broker ends the connection (MQTT 5). */
export function disconnectReason(client: MqttClient): Promise<number | undefined> {
  return new Promise((resolve) => client.once('disconnect', (packet) => resolve(packet.reasonCode)))
}

/** The connection is closed. */
export function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', resolve))
}
