import { BulkheadError } from '../base/errors.ts'
import { CLIENT_END_MS, CLIENT_PUBLISHES_UNDER_WAY } from '../base/limits.ts'
import {
  type ClientConnection,
  type ClientOptions,
  openConnection,
  type PacketWatch,
  type PublishOptions,
  type PublishPacket,
} from './connection.ts'
import { MessageQueue } from './message-queue.ts'
import type { RetryPolicy } from './reconnect.ts'
import { refusalText } from './refusal.ts'

/** A message that a client got. */
export interface ReceivedMessage {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  /** It is a retained one, from before the subscription. */
  readonly retain: boolean
  /** Of MQTT 5, under MQTT.js's names: `contentType`, `responseTopic`, `userProperties`, … */
  readonly properties: NonNullable<PublishPacket['properties']>
}

/** What is sent along with a message; what is left out is as the config says for its topic, or for all. */
export interface Publishing {
  readonly qos?: 0 | 1 | 2
  readonly retain?: boolean
  /** Of MQTT 5, under MQTT.js's names. */
  readonly properties?: NonNullable<PublishOptions['properties']>
}

/** One filter, and what the broker said to it. */
export interface Subscribed {
  readonly filter: string
  /** The quality of service that was granted; undefined: the filter was refused. */
  readonly qos: 0 | 1 | 2 | undefined
  /** Why it was refused: `Not authorized (0x87)`. */
  readonly refusal: string | undefined
}

/** What is sent along with messages by default. */
export interface PublishDefaults {
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly topics: ReadonlyMap<string, { readonly qos: 0 | 1 | 2; readonly retain: boolean }>
}

/** Where and how a client connects. */
export interface ClientPlan {
  readonly target: ClientOptions
  /** For messages: `127.0.0.1:1883`. */
  readonly address: string
  readonly retry: RetryPolicy | undefined
  readonly pingDelaySec: number
  readonly publishing: PublishDefaults
}

/** The plugins of a client, as they run. */
export interface ClientPlugins {
  readonly watch: PacketWatch
  /** Tells them that it ends, and ends their process. */
  stop(): Promise<void>
}

/** An MQTT client whose plugins are told of every packet; they run in a process of their own. */
export class Client {
  readonly #plan: ClientPlan
  readonly #openPlugins: () => Promise<ClientPlugins | undefined>
  #queue = new MessageQueue<ReceivedMessage>()
  #connection: ClientConnection | undefined
  #plugins: ClientPlugins | undefined
  #isOpen = false
  #underWay = 0

  /** @param openPlugins undefined: there are none. */
  constructor(plan: ClientPlan, openPlugins: () => Promise<ClientPlugins | undefined>) {
    this.#plan = plan
    this.#openPlugins = openPlugins
  }

  /** Messages that found no room, because the program did not take those before: 1024, or 16 MiB. */
  get dropped(): number {
    return this.#queue.dropped
  }

  /**
   * Starts the plugins, then connects. With `auto_reconnect`, both a first connection that does not come
   * about and one that breaks are tried again, `reconnect_retries` times in a row; what a broker refuses for
   * good is not.
   *
   * @throws BulkheadError ERR_CLIENT with the broker's reason; ERR_PLUGIN_*, ERR_JAIL, ERR_CELL
   */
  async connect(): Promise<void> {
    if (this.#isOpen) throw new BulkheadError('ERR_CLIENT', 'this client is connected already')
    this.#isOpen = true
    const queue = new MessageQueue<ReceivedMessage>()
    this.#queue = queue
    try {
      this.#plugins = await this.#openPlugins()
      const { target, pingDelaySec, ...plan } = this.#plan
      const connection = await openConnection(target, {
        ...plan,
        pingDelaySec,
        watches: this.#plugins === undefined ? [] : [this.#plugins.watch],
        onMessage: (topic, payload, packet) => queue.push(received(topic, payload, packet)),
      })
      this.#connection = connection
      connection.lost.catch((error: unknown) => {
        queue.fail(error)
        return this.#close()
      })
    } catch (error) {
      await this.#close()
      throw error
    }
  }

  /**
   * Resolves when the message is written, or with QoS 1 and 2 acknowledged; while the connection is tried
   * again, it waits for that.
   *
   * @throws BulkheadError ERR_CLIENT where a broker of MQTT 5 refuses it, the connection is lost, or 1024 are
   * under way.
   */
  async publish(topic: string, payload: string | Uint8Array, how: Publishing = {}): Promise<void> {
    const connection = this.#standing()
    if (this.#underWay >= CLIENT_PUBLISHES_UNDER_WAY)
      throw new BulkheadError('ERR_CLIENT', `${this.#underWay} messages are under way: wait for some of them`)
    this.#underWay += 1
    try {
      const options = { ...publishOptions(this.#plan.publishing, topic), ...how }
      await Promise.race([connection.publish(topic, bytesOf(payload), options), connection.lost])
    } finally {
      this.#underWay -= 1
    }
  }

  /**
   * Subscribes to one filter or several, in one packet.
   *
   * @returns what the broker said to each, in their order.
   * @throws BulkheadError ERR_CLIENT where it refuses all of them, or the connection is lost.
   */
  async subscribe(
    filters: string | readonly string[],
    { qos = 0 }: { readonly qos?: 0 | 1 | 2 } = {},
  ): Promise<readonly Subscribed[]> {
    const connection = this.#standing()
    const asked = [filters].flat()
    const { codes, reason } = await Promise.race([connection.subscribe(asked, { qos }), connection.lost])
    const answers = asked.map((filter, place) => subscribed(filter, codes[place] ?? REFUSED, reason))
    const [first] = answers
    if (first?.refusal !== undefined && answers.every((answer) => answer.qos === undefined))
      throw new BulkheadError('ERR_CLIENT', `Subscription to ${first.filter} refused: ${first.refusal}`)
    return answers
  }

  /** @throws BulkheadError ERR_CLIENT where the connection is lost. */
  async unsubscribe(filters: string | readonly string[]): Promise<void> {
    const connection = this.#standing()
    await Promise.race([connection.unsubscribe([filters].flat()), connection.lost])
  }

  /**
   * Messages as they come, from the first one of this connection on. Ends with {@link disconnect}; each is
   * given to one reader, if there are several.
   *
   * @throws BulkheadError ERR_CLIENT once the connection is lost for good.
   */
  messages(): AsyncGenerator<ReceivedMessage, void, undefined> {
    return this.#queue.read()
  }

  /** Waits a while for what is under way, sends DISCONNECT, ends the plugins. */
  async disconnect(): Promise<void> {
    const connection = this.#connection
    if (connection !== undefined) {
      const impatience = setTimeout(() => connection.abort(), CLIENT_END_MS)
      await Promise.race([connection.end(), connection.lost]).catch(() => undefined)
      clearTimeout(impatience)
    }
    this.#queue.end()
    await this.#close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect()
  }

  async #close(): Promise<void> {
    const plugins = this.#plugins
    this.#connection = undefined
    this.#plugins = undefined
    await plugins?.stop()
    this.#isOpen = false
  }

  #standing(): ClientConnection {
    if (this.#connection === undefined)
      throw new BulkheadError('ERR_CLIENT', 'this client is not connected: connect() comes first')
    return this.#connection
  }
}

/** From here on, a code of a SUBACK refuses. */
const REFUSED = 0x80

/** The flags of a message where nothing else is said: its topic's, else those of all. */
export function publishOptions(
  { qos, retain, topics }: PublishDefaults,
  topic: string,
): { readonly qos: 0 | 1 | 2; readonly retain: boolean } {
  return topics.get(topic) ?? { qos, retain }
}

function bytesOf(payload: string | Uint8Array): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload)
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
}

function received(
  topic: string,
  payload: Buffer,
  { qos, retain, properties }: PublishPacket,
): ReceivedMessage {
  return { topic, payload, qos, retain, properties: properties ?? {} }
}

function subscribed(filter: string, code: number, reason: string | undefined): Subscribed {
  if (code >= REFUSED) return { filter, qos: undefined, refusal: refusalText(code, reason) }
  return { filter, qos: code as 0 | 1 | 2, refusal: undefined }
}
