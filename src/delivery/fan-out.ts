import { PINNED_CHUNK_BYTES, REMEMBERED_TOPIC_CHARS } from '../base/limits.ts'
import { type EncodedPublish, encodePublish } from '../codec/encode-publish.ts'
import { detach, type Message } from '../codec/message.ts'
import type { ProtocolVersion } from '../codec/packet-type.ts'
import { patchMessage } from '../codec/patch-message.ts'

/** No message has left yet. */
const NO_FORM = -1

/**
 * A message about to leave to many: encoded at most once for each form in which it leaves, however many get
 * it. The packet identifier is patched in after the copy. One instance serves message after message.
 */
export class FanOut {
  message: Message
  #now = 0
  #kept: Message | null = null
  #form = NO_FORM
  #encoded: EncodedPublish | null = null
  /** The other forms: a message leaves in one, as a rule. */
  #others: Map<number, EncodedPublish> | null = null
  /** The same message by other topic names: encoded once for each. */
  #renamed: Map<string, FanOut> | null = null

  constructor(message: Message) {
    this.message = message
    this.begin(message)
  }

  /** Begins with the next message. */
  begin(message: Message): void {
    this.message = message
    this.#kept = null
    this.#now = message.expiresAt === 0 ? 0 : Date.now()
    this.#form = NO_FORM
    this.#encoded = null
    this.#others = null
    this.#renamed = null
  }

  /** The message under the name that it has for a recipient; null: its own. */
  as(name: string | null): FanOut {
    if (name === null) return this
    const known = this.message.topic.length > REMEMBERED_TOPIC_CHARS ? undefined : this.#renamed?.get(name)
    if (known !== undefined) return known
    const fan = new FanOut(patchMessage(this.message, { topic: name }, this.#now))
    if (this.message.topic.length > REMEMBERED_TOPIC_CHARS) return fan
    this.#renamed ??= new Map()
    this.#renamed.set(name, fan)
    return fan
  }

  /**
   * The message in a form that may wait long: a compact copy, made once, which does not pin what was read
   * with it.
   */
  get kept(): Message {
    return (this.#kept ??= detach(this.message))
  }

  /**
   * The message in a form that may be in flight: acknowledged soon, as a rule, so a small chunk may stay
   * pinned, which spares a copy a message. A window of them is bounded by the in flight quota.
   */
  get inFlight(): Message {
    return this.message.payloadBuffer.length <= PINNED_CHUNK_BYTES ? this.message : this.kept
  }

  /**
   * With DUP 0: it leaves for the first time [MQTT-4.3.2-2][MQTT-4.3.3-2].
   *
   * @param subscriptionIds of this recipient alone, so what carries some is encoded for it alone.
   */
  encoded(
    version: ProtocolVersion,
    qos: 0 | 1 | 2,
    retain: boolean,
    subscriptionIds: readonly number[] | null,
  ): EncodedPublish {
    if (subscriptionIds !== null && version === 5) {
      return encodePublish(this.message, version, qos, retain, false, subscriptionIds, this.#now)
    }
    // two wire forms (3.x, 5.0), three QoS, retain or not
    const form = (version === 5 ? 6 : 0) + qos * 2 + (retain ? 1 : 0)
    if (form === this.#form && this.#encoded !== null) return this.#encoded
    return this.#encodeForm(form, version, qos, retain)
  }

  #encodeForm(form: number, version: ProtocolVersion, qos: 0 | 1 | 2, retain: boolean): EncodedPublish {
    const known = this.#others?.get(form)
    if (known !== undefined) return known
    const encoded = encodePublish(this.message, version, qos, retain, false, null, this.#now)
    if (this.#form === NO_FORM) {
      this.#form = form
      this.#encoded = encoded
    } else (this.#others ??= new Map()).set(form, encoded)
    return encoded
  }
}

/** One fan serves all: between the begin and the last send of a message nothing else runs. */
let fanOut: FanOut | null = null

export function startFan(message: Message): FanOut {
  if (fanOut === null) fanOut = new FanOut(message)
  else fanOut.begin(message)
  return fanOut
}
