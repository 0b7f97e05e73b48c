import { type Message, propertiesOf } from '../codec/message.ts'
import type { MessageProperties } from '../codec/message-properties.ts'
import type { Client } from '../session/client.ts'

/**
 * Events as the JSON text that crosses the wall. Text, not objects: the cell passes it on unparsed, and most
 * of it (a client, a topic) is made once and used often. Shapes: HOOKS.md §3; bytes travel as base64 under
 * `…64`.
 */

/** What an event says of `qos` and `retain`: six texts, made once. */
const FLAGS: readonly string[] = [0, 1, 2].flatMap((qos) => [
  `,"qos":${qos},"retain":false`,
  `,"qos":${qos},"retain":true`,
])

/** A topic as JSON text: it has no control characters and no lone surrogates, so two characters matter. */
export function quoted(topic: string): string {
  return topic.includes('"') || topic.includes('\\') ? JSON.stringify(topic) : `"${topic}"`
}

export function flagsText(qos: number, retain: boolean): string {
  return FLAGS[qos * 2 + (retain ? 1 : 0)] as string
}

/** The client as plugins see it: made once a connection. */
export function clientText(client: Omit<Client, 'json' | 'subject' | 'standing'>): string {
  return JSON.stringify({
    clientId: client.clientId,
    principal: client.principal,
    username: client.username,
    roles: client.roles,
    attributes: client.attributes,
    protocolVersion: client.protocolVersion,
    listener: client.listener,
    remoteAddress: client.remoteAddress,
    connectedAt: client.connectedAt,
  })
}

/** `authorizePublish`'s event but for its end: the payload, or a brace. */
export function publishText(message: Message): string {
  const flags = flagsText(message.qos, message.retain)
  return `{"topic":${quoted(message.topic)}${flags}${propertiesText(message)}`
}

/** What ends {@link publishText} for a plugin that may see payloads. */
export function payloadText(message: Message, maxBytes: number): string {
  const bytes = message.payloadEnd - message.payloadStart
  if (bytes > maxBytes) return ',"payloadOmitted":true}'
  const { payloadBuffer, payloadStart, payloadEnd } = message
  return `,"payload64":"${payloadBuffer.toString('base64', payloadStart, payloadEnd)}"}`
}

export function topicFilteringText(
  topic: string,
  action: 'publish' | 'subscribe' | 'receive',
  qos: number,
): string {
  return `{"topic":${quoted(topic)},"action":"${action}","qos":${qos}}`
}

/** A message within a larger event; `maxBytes` < 0: without its payload. */
export function messageText(message: Message, maxBytes: number): string {
  const who = message.publisher === null ? '' : `,"publisher":${message.publisher.json}`
  return `${publishText(message)}${who}${maxBytes < 0 ? '}' : payloadText(message, maxBytes)}`
}

/** `authorizeWill`'s event; `maxBytes` < 0: without the will's payload. */
export function willText(
  when: 'connect' | 'fire',
  will: Message,
  delaySec: number,
  maxBytes: number,
): string {
  const { topic, qos, retain } = will
  const header = `{"topic":${quoted(topic)}${flagsText(qos, retain)},"delaySec":${delaySec}`
  return `{"when":"${when}","will":${header}${maxBytes < 0 ? '}' : payloadText(will, maxBytes)}}`
}

function propertiesText(message: Message): string {
  if (message.propertyBuffer === null) return ''
  const properties = propertiesOf(message)
  return properties === undefined ? '' : `,"properties":${JSON.stringify(propertiesJson(properties))}`
}

function propertiesJson(properties: MessageProperties): Readonly<Record<string, unknown>> {
  const { correlationData, ...rest } = properties
  return correlationData === undefined
    ? rest
    : { ...rest, correlationData64: correlationData.toString('base64') }
}
