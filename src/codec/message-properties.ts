import { Buffer } from 'node:buffer'
import { assert } from '../base/assert.ts'
import { Carrier, Property } from './property.ts'
import { PropertyCursor } from './property-cursor.ts'

/** User properties: names may come twice, and the order counts [MQTT-3.3.2-18]. */
export type UserProperties = readonly (readonly [name: string, value: string])[]

/** What a publisher says about its message and every subscriber is to hear. */
export interface MessageProperties {
  /** 1: the payload is UTF-8 text. */
  readonly payloadFormat?: 0 | 1
  readonly contentType?: string
  readonly responseTopic?: string
  readonly correlationData?: Buffer
  readonly userProperties?: UserProperties
}

const cursor = new PropertyCursor()

/** Decodes forwardable properties that were judged before; `undefined` when there are none. */
export function decodeMessageProperties(
  buffer: Buffer,
  start: number,
  end: number,
): MessageProperties | undefined {
  if (start === end) return undefined
  const properties: { -readonly [Name in keyof MessageProperties]: MessageProperties[Name] } = {}
  const userProperties: [string, string][] = []
  cursor.openContent(buffer, start, end, Carrier.PUBLISH)
  while (cursor.next()) {
    switch (cursor.property) {
      case Property.payloadFormatIndicator:
        properties.payloadFormat = cursor.number as 0 | 1
        break
      case Property.contentType:
        properties.contentType = cursor.text()
        break
      case Property.responseTopic:
        properties.responseTopic = cursor.text()
        break
      case Property.correlationData:
        properties.correlationData = cursor.bytes()
        break
      case Property.userProperty:
        userProperties.push([cursor.name(), cursor.text()])
        break
    }
  }
  assert(cursor.refusal === 0, 'the properties of a message are well-formed')
  if (userProperties.length > 0) properties.userProperties = userProperties
  return properties
}

/** Encodes properties as they stand in a packet, without their length field; `null` when there are none. */
export function encodeMessageProperties(properties: MessageProperties): Buffer | null {
  const parts: Buffer[] = []
  const { payloadFormat, contentType, responseTopic, correlationData, userProperties } = properties
  if (payloadFormat !== undefined) parts.push(Buffer.of(Property.payloadFormatIndicator, payloadFormat))
  if (contentType !== undefined) parts.push(Buffer.of(Property.contentType), field(Buffer.from(contentType)))
  if (responseTopic !== undefined)
    parts.push(Buffer.of(Property.responseTopic), field(Buffer.from(responseTopic)))
  if (correlationData !== undefined) parts.push(Buffer.of(Property.correlationData), field(correlationData))
  for (const [name, value] of userProperties ?? []) {
    parts.push(Buffer.of(Property.userProperty), field(Buffer.from(name)), field(Buffer.from(value)))
  }
  return parts.length === 0 ? null : Buffer.concat(parts)
}

/** The bytes behind their length in two bytes. */
function field(bytes: Buffer): Buffer {
  assert(bytes.length <= 0xffff, 'a property value fits its length field')
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes])
}
