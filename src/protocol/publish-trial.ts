import { createMessage } from '../codec/message.ts'
import { becameOf, type Doubt, type Opinion } from '../hooks/explain.ts'
import type { Verdict } from '../hooks/verdict.ts'
import { isSystemTopic } from '../router/system-topics.ts'
import type { Client } from '../session/client.ts'
import { refusalByQuota } from './accept-publish.ts'
import type { MqttSettings, Realm } from './ports.ts'
import { BROKERS_OWN } from './publish.ts'
import { Passage, type Transformed } from './publish-pipeline.ts'

/**
 * Sends a message the way of all publishes, but for its end: nothing goes out, is counted or is remembered.
 * Its payload is empty, since nobody knows which one it would have.
 */
export function askPublish(mqtt: MqttSettings, realm: Realm, client: Client, doubt: Doubt): Promise<Opinion> {
  if (isSystemTopic(doubt.topic)) return Promise.resolve({ verdict: BROKERS_OWN, voices: [], becomes: null })
  const trial = new PublishTrial(mqtt, realm, client, doubt)
  trial.enter()
  return trial.opinion
}

class PublishTrial extends Passage {
  readonly #doubt: Doubt
  readonly #answer = Promise.withResolvers<Opinion>()

  constructor(mqtt: MqttSettings, realm: Realm, client: Client, doubt: Doubt) {
    const { topic, qos, retain } = doubt
    super(mqtt, realm, client, createMessage({ topic, payload: NO_PAYLOAD, qos, retain, publisher: client }))
    this.#doubt = doubt
  }

  override get isTrial(): boolean {
    return true
  }

  get opinion(): Promise<Opinion> {
    return this.#answer.promise
  }

  protected override get keepsAll(): boolean {
    return true
  }

  protected override ended(verdict: Verdict, transformed: Transformed | null): void {
    const outputs = transformed?.outputs ?? [this.message]
    const voices = transformed?.voices ?? this.voices
    const objection = verdict.verdict === 'allow' ? this.#objectionTo(outputs) : null
    const isAllowed = verdict.verdict === 'allow' && objection === null
    const forms = isAllowed ? outputs : [transformed?.refused ?? this.message]
    const becomes = becameOf(this.#doubt, forms)
    transformed?.release()
    this.#answer.resolve({ verdict: objection ?? verdict, voices, becomes })
  }

  /** The smallest payload that would be kept. */
  #objectionTo(outputs: Transformed['outputs']): Verdict | null {
    const kept = outputs.filter(({ retain }) => retain).map(({ topic }) => ({ topic, bytes: 1 }))
    const quota = this.realm.retainedQuotaMet(kept)
    return quota === null ? null : refusalByQuota(this.realm, quota)
  }
}

const NO_PAYLOAD = Buffer.alloc(0)
