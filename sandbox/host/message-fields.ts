import { TOPIC_BYTES } from '../../src/base/limits.ts'
import { USER_PROPERTIES } from '../limits.ts'
import { base64 } from './capabilities/byte-fields.ts'
import { type Field, flag, integer, isObject, list, Mistake, object, oneOf, pair, text } from './fields.ts'
import { publishTopic, topicName } from './topic-filters.ts'

/** What the standard lets a UTF-8 string or binary data have [MQTT 5.0, 1.5.4, 1.5.6]. */
const STRING_BYTES = TOPIC_BYTES
const STRING = text(STRING_BYTES)

/** The properties that a plugin may give a message. */
export const MESSAGE_PROPERTIES: Field = object({
  payloadFormat: oneOf(0, 1),
  messageExpirySec: integer(0, 0xffff_ffff),
  contentType: STRING,
  responseTopic: topicName,
  correlationData64: base64(STRING_BYTES),
  userProperties: list(pair(STRING), USER_PROPERTIES),
})

/** Bytes in a verdict: text, or `{ bytes64 }` as the guest writes a Uint8Array. The reader makes a Buffer. */
export function bytesField(most: number): Field {
  const encoded = object({ bytes64: base64(most) }, ['bytes64'])
  const what = new Mistake(`: must be text or a Uint8Array of at most ${most} bytes`)
  return (value) => {
    if (typeof value === 'string') {
      return value.isWellFormed() && Buffer.byteLength(value) <= most ? Buffer.from(value) : what
    }
    if (!isObject(value)) return what
    const checked = encoded(value)
    return checked instanceof Mistake ? what : Buffer.from((checked as { bytes64: string }).bytes64, 'base64')
  }
}

/** What a plugin may change of a message that is not its own. Never `$SYS` or `$share`, as in publishing. */
export function patchField(payloadBytes: number, required: readonly 'topic'[] = []): Field {
  return object(
    {
      topic: publishTopic,
      payload: bytesField(payloadBytes),
      qos: oneOf(0, 1, 2),
      retain: flag,
      properties: MESSAGE_PROPERTIES,
    },
    required,
  )
}
