import { BulkheadError } from '../base/errors.ts'
import { didYouMean } from '../base/nearest.ts'

/** MQTT 5 properties of one packet, in the form that MQTT.js takes. */
export type PacketProperties = Record<string, unknown>

/** The packets that `-D` can give properties to. */
const PACKETS = ['connect', 'publish', 'subscribe', 'unsubscribe', 'disconnect', 'will'] as const
export type PropertyPacket = (typeof PACKETS)[number]

type Kind = 'number' | 'flag' | 'text' | 'binary'

const MESSAGE: Readonly<Record<string, Kind>> = {
  'content-type': 'text',
  'correlation-data': 'binary',
  'message-expiry-interval': 'number',
  'payload-format-indicator': 'flag',
  'response-topic': 'text',
}

/** Which properties each packet may have [MQTT5 2.2.2.2], besides user properties, which all may have. */
const PROPERTIES: Readonly<Record<PropertyPacket, Readonly<Record<string, Kind>>>> = {
  connect: {
    'authentication-data': 'binary',
    'authentication-method': 'text',
    'maximum-packet-size': 'number',
    'receive-maximum': 'number',
    'request-problem-information': 'flag',
    'request-response-information': 'flag',
    'session-expiry-interval': 'number',
    'topic-alias-maximum': 'number',
  },
  publish: { ...MESSAGE, 'topic-alias': 'number' },
  subscribe: { 'subscription-identifier': 'number' },
  unsubscribe: {},
  disconnect: { 'session-expiry-interval': 'number' },
  will: { ...MESSAGE, 'will-delay-interval': 'number' },
}

/**
 * Reads what all `-D PACKET PROPERTY VALUE` together said. `user-property` takes a name and a value.
 *
 * @throws BulkheadError ERR_USAGE
 */
export function parseProperties(words: readonly string[]): Partial<Record<PropertyPacket, PacketProperties>> {
  const parsed: Partial<Record<PropertyPacket, PacketProperties>> = {}
  const left = [...words]
  while (left.length > 0) {
    const [packet = '', property = ''] = left.splice(0, 2)
    if (!isPropertyPacket(packet)) throw usage(`-D: no packet ${packet}${didYouMean(packet, PACKETS)}`)
    const properties = (parsed[packet] ??= {})
    if (property === 'user-property') {
      const [name, value] = left.splice(0, 2)
      if (name === undefined || value === undefined) throw usage('-D: user-property takes a name and a value')
      addUserProperty(properties, name, value)
      continue
    }
    const kind = Object.hasOwn(PROPERTIES[packet], property) ? PROPERTIES[packet][property] : undefined
    if (kind === undefined) {
      const known = [...Object.keys(PROPERTIES[packet]), 'user-property']
      throw usage(`-D: ${packet} has no property ${property}${didYouMean(property, known)}`)
    }
    properties[camelCase(property)] = valueOf(kind, property, left.shift())
  }
  return parsed
}

function isPropertyPacket(word: string): word is PropertyPacket {
  return (PACKETS as readonly string[]).includes(word)
}

/** A name that comes again becomes a list of values. */
function addUserProperty(properties: PacketProperties, name: string, value: string): void {
  const all = (properties['userProperties'] ??= Object.create(null)) as Record<string, string | string[]>
  const before = all[name]
  all[name] = before === undefined ? value : [before, value].flat()
}

function valueOf(kind: Kind, property: string, text: string | undefined): unknown {
  if (text === undefined) throw usage(`-D: ${property} lacks its value`)
  if (kind === 'text') return text
  if (kind === 'binary') return Buffer.from(text)
  if (kind === 'flag' && (text === '0' || text === '1')) return text === '1'
  if (kind === 'number' && /^[0-9]{1,10}$/.test(text)) return Number(text)
  throw usage(
    `-D: ${property} expects ${kind === 'flag' ? '0 or 1' : 'a number'}, got ${JSON.stringify(text)}`,
  )
}

function camelCase(property: string): string {
  return property.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function usage(message: string): BulkheadError {
  return new BulkheadError('ERR_USAGE', message)
}
