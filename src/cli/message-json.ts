import { BulkheadError } from '../base/errors.ts'
import type { PublishPacket } from '../client/connection.ts'

/** Names and order of the MQTT 5 properties as mosquitto_sub writes them. */
const PROPERTIES = [
  ['userProperties', 'user-properties'],
  ['contentType', 'content-type'],
  ['correlationData', 'correlation-data'],
  ['responseTopic', 'response-topic'],
  ['payloadFormatIndicator', 'payload-format-indicator'],
  ['messageExpiryInterval', 'message-expiry-interval'],
  ['subscriptionIdentifier', 'subscription-identifier'],
  ['topicAlias', 'topic-alias'],
] as const

/**
 * One message as mosquitto_sub's `%j`, whose payload is a text, or `%J`, whose payload is JSON.
 *
 * @param tst when it was received.
 * @throws BulkheadError ERR_CLIENT where `%J` meets a payload that is no JSON.
 */
export function messageJson(
  message: { readonly topic: string; readonly payload: Buffer; readonly packet: PublishPacket },
  tst: string,
  payloadAs: 'text' | 'json',
): string {
  const { topic, payload, packet } = message
  const properties = propertiesOf(packet)
  const fields = {
    tst,
    topic,
    qos: packet.qos,
    retain: Number(packet.retain),
    payloadlen: payload.length,
    ...(packet.qos > 0 && { mid: packet.messageId }),
    ...(Object.keys(properties).length > 0 && { properties }),
    payload: payload.length === 0 ? null : payloadAs === 'text' ? payload.toString() : parsed(topic, payload),
  }
  return JSON.stringify(fields)
}

function propertiesOf({ properties = {} }: PublishPacket): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    PROPERTIES.flatMap(([name, written]) => {
      const value = properties[name]
      if (value === undefined) return []
      if (Buffer.isBuffer(value)) return [[written, value.toString()]]
      return [[written, typeof value === 'boolean' ? Number(value) : value]]
    }),
  )
}

function parsed(topic: string, payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString())
  } catch (error) {
    const message = `Message payload is not valid JSON on topic ${topic}`
    throw new BulkheadError('ERR_CLIENT', message, { cause: error })
  }
}
