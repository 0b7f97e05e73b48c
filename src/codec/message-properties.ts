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
        properties.userProperties = userProperties
        userProperties.push([cursor.name(), cursor.text()])
        break
    }
  }
  assert(cursor.refusal === 0, 'the properties of a message are well-formed')
  return properties
}

/**
 * Encodes properties as they stand in a packet, in the order in which they were set, without their length
 * field; `null` when there are none.
 */
export function encodeMessageProperties(properties: MessageProperties): Buffer | null {
  const parts = (Object.keys(properties) as (keyof MessageProperties)[]).flatMap((name) =>
    encodedProperty(properties, name),
  )
  return parts.length === 0 ? null : Buffer.concat(parts)
}

function encodedProperty(properties: MessageProperties, name: keyof MessageProperties): readonly Buffer[] {
  const { payloadFormat, contentType, responseTopic, correlationData, userProperties = [] } = properties
  switch (name) {
    case 'payloadFormat':
      return payloadFormat === undefined ? [] : [Buffer.of(Property.payloadFormatIndicator, payloadFormat)]
    case 'contentType':
      return textProperty(Property.contentType, contentType)
    case 'responseTopic':
      return textProperty(Property.responseTopic, responseTopic)
    case 'correlationData':
      return correlationData === undefined
        ? []
        : [Buffer.of(Property.correlationData), field(correlationData)]
    case 'userProperties':
      return userProperties.flatMap(([own, value]) => [
        Buffer.of(Property.userProperty),
        field(Buffer.from(own)),
        field(Buffer.from(value)),
      ])
  }
}

function textProperty(property: number, text: string | undefined): readonly Buffer[] {
  return text === undefined ? [] : [Buffer.of(property), field(Buffer.from(text))]
}

/** The bytes behind their length in two bytes. */
function field(bytes: Buffer): Buffer {
  assert(bytes.length <= 0xffff, 'a property value fits its length field')
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes])
}
