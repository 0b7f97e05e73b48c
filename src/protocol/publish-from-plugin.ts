import type { FairTurns } from '../base/fair-turns.ts'
import { PLUGIN_PUBLISHES_ASKED } from '../base/limits.ts'
import { createMessage, type Message } from '../codec/message.ts'
import type { MessageProperties } from '../codec/message-properties.ts'
import type { QoS } from '../codec/packet-type.ts'
import { clientText } from '../hooks/event-text.ts'
import { Standing } from '../hooks/standing.ts'
import type { Verdict } from '../hooks/verdict.ts'
import type { Voice } from '../hooks/voice.ts'
import type { Client } from '../session/client.ts'
import { overRetainedQuota, publishMessages } from './accept-publish.ts'
import type { MqttSettings, Node, Realm } from './ports.ts'
import { Passage, type Transformed } from './publish-pipeline.ts'
import { refusalOf } from './refusal.ts'

/** What the principals of plugins begin with, and nobody else's. */
export const PLUGIN_PRINCIPAL = 'plugin:'

/** What a plugin publishes; within its grant, its sizes and the rules of topic names already. */
export interface Publication {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: Omit<MessageProperties, 'correlationData'> & {
    readonly messageExpirySec?: number
    readonly correlationData64?: string
  }
  /** From 1. */
  readonly hops: number
}

/**
 * The publishes of one tenant's plugins. Each goes out as the principal `plugin:NAME`, by the other plugins'
 * leave; where no other decides, the tenant's default does. Its own plugin is neither asked nor told, so that
 * it does not answer itself; only whether a client may receive it is asked of all: there it speaks for the
 * client.
 */
export class PluginPublisher {
  readonly #node: Node
  readonly #realm: Realm
  readonly #turns: FairTurns
  /** The plugins as clients, by name: as many as the tenant's config has. */
  readonly #clients = new Map<string, Client>()
  #asked = 0

  /**
   * @param turns in which messages go out: a burst of them to many subscribers must not hold the loop. Has
   * room for PLUGIN_PUBLISHES_ASKED of each tenant.
   */
  constructor(node: Node, realm: Realm, turns: FairTurns) {
    this.#node = node
    this.#realm = realm
    this.#turns = turns
  }

  /**
   * False: the tenant's rates, or what may be asked about at once, do not cover it, or nothing can be kept.
   * Never waits.
   */
  publish(plugin: string, publication: Publication): boolean {
    const realm = this.#realm
    const bytes = publication.payload.length + Buffer.byteLength(publication.topic)
    if (this.#node.engine.stuck) return false
    if (this.#asked >= PLUGIN_PUBLISHES_ASKED || !realm.admitPluginPublish(bytes)) return false
    const client = this.#clientOf(plugin)
    const message = this.#messageOf(plugin, client, publication)
    this.#asked += 1
    const passage = new PluginPassage(this.#node.mqtt, realm, client, message, (verdict, transformed) => {
      const end = (): void => this.#settle(passage, verdict, transformed)
      if (verdict.verdict === 'allow') void this.#turns.run(realm.name, end)
      else end()
    })
    passage.enter()
    return true
  }

  #settle(passage: PluginPassage, verdict: Verdict, transformed: Transformed | null): void {
    const { client, message } = passage
    this.#asked -= 1
    transformed?.release()
    const outputs = transformed?.outputs ?? [message]
    const refusal = verdict.verdict === 'allow' ? overRetainedQuota(this.#realm, outputs, client) : verdict
    if (refusal === null) publishMessages(this.#node, this.#realm, outputs, client)
    else
      this.#refused(client, transformed?.refused ?? message, refusal, transformed?.voices ?? passage.voices)
  }

  #refused(client: Client, message: Message, verdict: Verdict, voices: readonly Voice[]): void {
    const { code, reason, detail } = refusalOf(verdict)
    this.#node.observer.refused({
      realm: this.#realm.name,
      clientId: client.clientId,
      client,
      remoteAddress: '',
      version: client.protocolVersion,
      action: 'publish',
      topic: message.topic,
      reasonCode: code,
      reason,
      detail: `topic ${message.topic}: ${detail}`,
      voices,
      cause: message,
    })
  }

  #clientOf(plugin: string): Client {
    const known = this.#clients.get(plugin)
    if (known !== undefined) return known
    const principal = `${PLUGIN_PRINCIPAL}${plugin}`
    const facts = {
      clientId: principal,
      principal,
      username: undefined,
      roles: [],
      attributes: {},
      protocolVersion: 5,
      listener: '',
      remoteAddress: '',
      connectedAt: Date.now(),
    } as const
    const json = clientText(facts)
    const subject = this.#node.subject(json, principal)
    const client: Client = Object.freeze({ ...facts, json, subject, standing: new Standing() })
    this.#clients.set(plugin, client)
    return client
  }

  /** QoS and retain are lowered to what this broker offers, as a will's are. */
  #messageOf(plugin: string, publisher: Client, publication: Publication): Message {
    const { maximumQos, retainAvailable } = this.#node.mqtt
    const { messageExpirySec, correlationData64, ...properties } = publication.properties
    const correlationData =
      correlationData64 === undefined ? {} : { correlationData: Buffer.from(correlationData64, 'base64') }
    const { buffer, byteOffset, length } = publication.payload
    return createMessage({
      topic: publication.topic,
      payload: Buffer.from(buffer, byteOffset, length),
      qos: publication.qos < maximumQos ? publication.qos : maximumQos,
      retain: publication.retain && retainAvailable,
      properties: { ...properties, ...correlationData },
      expiresAt: messageExpirySec === undefined ? 0 : Date.now() + messageExpirySec * 1000,
      publisher,
      hops: publication.hops,
      plugin,
    })
  }
}

type Then = (verdict: Verdict, transformed: Transformed | null) => void

class PluginPassage extends Passage {
  readonly #then: Then

  constructor(mqtt: MqttSettings, realm: Realm, client: Client, message: Message, then: Then) {
    super(mqtt, realm, client, message)
    this.#then = then
  }

  protected override ended(verdict: Verdict, transformed: Transformed | null): void {
    this.#then(verdict, transformed)
  }
}
