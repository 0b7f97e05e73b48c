import { type Message, sizeOf } from '../codec/message.ts'
import { isSameMessage, lowerMessage } from '../codec/patch-message.ts'
import { mergeVerdicts } from '../hooks/merge-verdicts.ts'
import { PublishQuestion } from '../hooks/publish-question.ts'
import { TransformQuestion } from '../hooks/transform-question.ts'
import type { Allow, Verdict } from '../hooks/verdict.ts'
import type { Voice } from '../hooks/voice.ts'
import type { Client } from '../session/client.ts'
import type { MqttSettings, Realm } from './ports.ts'

/** What plugins have made of a message. */
export interface Transformed {
  /** These go out in its place; none, where it was dropped and its publisher is not to know. */
  readonly outputs: readonly Message[]
  /** Where the verdict refuses: what it refuses, the message itself or what was to become of it. */
  readonly refused: Message
  /** All who were asked, about the message and what became of it. */
  readonly voices: readonly Voice[]
  /** Called once they have gone out, or will not: until then they are held on the tenant's account. */
  release(): void
  /** By how much more messages and bytes than came in overdraw the tenant's rate, in milliseconds. */
  readonly overdrawnMs: number
}

/**
 * The way of every message to the engine, be it of a client, a will or a plugin: may it be published, what do
 * the plugins make of it, and may that be published? It is the first question itself: where no plugin changes
 * messages, it is the only object.
 */
export abstract class Passage extends PublishQuestion {
  readonly mqtt: MqttSettings
  readonly realm: Realm

  constructor(mqtt: MqttSettings, realm: Realm, client: Client, message: Message) {
    super(client, message)
    this.mqtt = mqtt
    this.realm = realm
  }

  enter(): void {
    this.realm.hooks.askPublish(this)
  }

  /**
   * The message may go out, or may not.
   *
   * @param verdict allow only if all that is to go out was allowed, and is lowered to what was allowed of it.
   * @param transformed null: it is the message as it is.
   */
  protected abstract ended(verdict: Verdict, transformed: Transformed | null): void

  protected override decided(verdict: Verdict): void {
    if (verdict.verdict === 'allow') {
      // nobody has seen the message yet, so it can still be lowered
      lowerMessage(this.message, verdict.maxQos, verdict.retain !== false)
      if (this.realm.hooks.transform.length > 0) {
        const transformation = new Transformation(this, verdict, (...end) => this.ended(...end))
        return transformation.ask()
      }
    }
    this.ended(verdict, null)
  }
}

type Ended = (verdict: Verdict, transformed: Transformed) => void

/** Asks the plugins that change messages, and then all who have a say about whatever they have changed. */
class Transformation extends TransformQuestion {
  readonly #passage: Passage
  readonly #ended: Ended
  readonly #voicesOfOutputs: Voice[] = []
  #merged: Verdict
  #refused: Message
  #outputs: readonly Message[] = []
  #waiting = 0

  constructor(passage: Passage, allowed: Allow, ended: Ended) {
    const { mqtt, realm, client, message } = passage
    super(realm.hooks, client, message, {
      maxQos: least(mqtt.maximumQos, allowed.maxQos),
      mayRetain: mqtt.retainAvailable && allowed.retain !== false,
    })
    this.#passage = passage
    this.#ended = ended
    this.#merged = allowed
    this.#refused = message
  }

  protected override transformed(outputs: readonly Message[]): void {
    const { realm, client, message } = this.#passage
    this.#outputs = outputs
    const seesPayload = realm.hooks.publish.some((voter) => voter.seesPayload)
    const changed = outputs.filter((output) => !isSameMessage(output, message, seesPayload))
    this.#waiting = changed.length
    if (changed.length === 0) return this.#end()
    for (const output of changed) realm.hooks.askPublish(new OutputQuestion(client, output, this))
  }

  override get isTrial(): boolean {
    return this.#passage.isTrial
  }

  /** One of the outputs is decided. */
  outputDecided(question: OutputQuestion, verdict: Verdict): void {
    const { message, voices } = question
    this.#voicesOfOutputs.push(...voices)
    if (verdict.verdict === 'allow') lowerMessage(message, verdict.maxQos, verdict.retain !== false)
    else this.#refused = message
    this.#merged = mergeVerdicts(this.#merged, verdict)
    this.#waiting -= 1
    if (this.#waiting === 0) this.#end()
  }

  protected override refused(refusal: Verdict): void {
    this.#merged = refusal
    this.#end()
  }

  protected override dropped(message: Message): void {
    if (this.isTrial) return
    this.hooks.tellMessage('onBrokerMessageDropped', null, message, ',"reason":"transformed"')
  }

  #end(): void {
    const isAllowed = this.#merged.verdict === 'allow'
    if (!isAllowed) this.release()
    this.#ended(this.#merged, {
      outputs: isAllowed ? this.#outputs : [],
      refused: this.#refused,
      release: () => this.release(),
      voices: [...this.#passage.voices, ...this.voices, ...this.#voicesOfOutputs],
      overdrawnMs: isAllowed && !this.isTrial ? this.#charge() : 0,
    })
  }

  /** One message was paid for when it came: what is more than that is paid for now. */
  #charge(): number {
    const { realm, client, message } = this.#passage
    const messages = Math.max(0, this.#outputs.length - 1)
    const bytes = this.#outputs.reduce((sum, output) => sum + sizeOf(output), -sizeOf(message))
    return messages === 0 && bytes <= 0 ? 0 : realm.takeRate(Math.max(0, bytes), client, messages)
  }
}

/** May what plugins made of a message be published by who published the message? */
class OutputQuestion extends PublishQuestion {
  readonly #transformation: Transformation

  constructor(client: Client, output: Message, transformation: Transformation) {
    super(client, output)
    this.#transformation = transformation
  }

  override get isTrial(): boolean {
    return this.#transformation.isTrial
  }

  protected override get keepsAll(): boolean {
    return this.isTrial
  }

  protected override decided(verdict: Verdict): void {
    this.#transformation.outputDecided(this, verdict)
  }
}

function least(offered: 0 | 1 | 2, allowed: 0 | 1 | 2 | undefined): 0 | 1 | 2 {
  return allowed !== undefined && allowed < offered ? allowed : offered
}
