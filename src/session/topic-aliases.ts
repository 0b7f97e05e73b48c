import { ALIASED_TOPIC_CHARS, TOPIC_ALIASES_SENT } from '../base/limits.ts'

/**
 * The topic aliases that one connection's client was told [MQTT-3.3.2-7]. Whoever comes first has one for as
 * long as the connection lasts: an alias that changed hands would be paid for with a topic name each time.
 */
export class TopicAliases {
  readonly #byTopic = new Map<string, number>()
  readonly #most: number
  #chars = 0

  /** @param maximum the client's Topic Alias Maximum. */
  constructor(maximum: number) {
    this.#most = Math.min(maximum, TOPIC_ALIASES_SENT)
  }

  /** The alias that the client knows the topic by; 0: none. */
  of(topic: string): number {
    return this.#byTopic.get(topic) ?? 0
  }

  /** The alias that a new topic would have, from 1 [MQTT-3.3.2-8]; 0: it is to go without. */
  next(topic: string): number {
    const isFull = this.#byTopic.size >= this.#most || this.#chars + topic.length > ALIASED_TOPIC_CHARS
    return isFull ? 0 : this.#byTopic.size + 1 // [MQTT-3.1.2-26] [MQTT-3.3.2-11]
  }

  /** The client is told the {@link next} alias of this topic. */
  add(topic: string): void {
    this.#byTopic.set(topic, this.#byTopic.size + 1)
    this.#chars += topic.length
  }
}
