import { BulkheadError } from '../base/errors.ts'
import type { PublishPacket } from '../client/connection.ts'
import {
  clockField,
  isClockField,
  isoTime,
  type Moment,
  momentNow,
  preciseTime,
  unixTime,
} from './clock-fields.ts'
import { messageJson } from './message-json.ts'

/** A message that is to be printed. */
export interface Printable {
  readonly topic: string
  readonly payload: Buffer
  readonly packet: PublishPacket
}

/** Writes a message as `-F` says. */
export type Format = (message: Printable) => Buffer

type Part = (message: Printable, at: Moment) => Buffer | string

/** `%`, flags, width, longest, letter; `@` and a letter of strftime; `\` and a letter. */
const SEQUENCE = /%([-0]*)(\d{0,4})(?:\.(\d{1,4}))?(.?)|@(.?)|\\(.?)/gsu

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  0: '\0',
  a: '\u0007',
  e: '\u001B',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/**
 * Reads a format of mosquitto_sub's `-F`.
 *
 * @throws BulkheadError ERR_USAGE, naming the sequence that is none.
 */
export function parseFormat(format: string): Format {
  const parts: Part[] = []
  let end = 0
  for (const match of format.matchAll(SEQUENCE)) {
    const between = format.slice(end, match.index)
    if (between !== '') parts.push(() => between)
    parts.push(partOf(match))
    end = match.index + match[0].length
  }
  const rest = format.slice(end)
  return (message) => {
    const at = momentNow()
    return Buffer.concat([...parts.map((part) => Buffer.from(part(message, at))), Buffer.from(rest)])
  }
}

function partOf([whole, flags = '', width = '', longest, field, clock, escape]: RegExpExecArray): Part {
  if (clock === '@') return () => '@'
  if (clock !== undefined && isClockField(clock)) return (_message, at) => clockField(clock, at)
  const escaped = escape === undefined ? undefined : ESCAPES[escape]
  if (escaped !== undefined) return () => escaped
  const plain = PLAIN[field ?? '']
  if (plain !== undefined && whole.length === 2) return plain
  const padded = PADDED[field ?? '']
  if (padded === undefined)
    throw new BulkheadError(
      'ERR_USAGE',
      `-F has no sequence ${JSON.stringify(whole)}; --help shows where to look`,
    )
  return (message, at) =>
    pad(padded.of(message, at), {
      width: Number(width),
      longest: padded.isCut && longest !== undefined ? Number(longest) : Number.POSITIVE_INFINITY,
      isLeft: flags.includes('-'),
      isZero: padded.isZeroed === true && flags.includes('0'),
    })
}

/** What takes neither flags nor a width. */
const PLAIN: Readonly<Record<string, Part>> = {
  '%': () => '%',
  D: ({ packet }) => packet.properties?.correlationData ?? '',
  P: ({ packet }) =>
    userProperties(packet)
      .map((pair) => pair.join(':'))
      .join(' '),
  U: (_message, at) => unixTime(at),
  j: (message, at) => messageJson(message, preciseTime(at), 'text'),
  J: (message, at) => messageJson(message, preciseTime(at), 'json'),
  q: ({ packet }) => String(packet.qos),
  r: ({ packet }) => String(Number(packet.retain)),
}

interface Padded {
  readonly of: Part
  /** A longest width cuts it. */
  readonly isCut?: true
  readonly isZeroed?: true
}

const PADDED: Readonly<Record<string, Padded>> = {
  A: { of: ({ packet }) => numeral(packet.properties?.topicAlias), isZeroed: true },
  C: { of: ({ packet }) => packet.properties?.contentType ?? '', isCut: true },
  E: { of: ({ packet }) => numeral(packet.properties?.messageExpiryInterval), isZeroed: true },
  F: { of: ({ packet }) => numeral(packet.properties?.payloadFormatIndicator), isZeroed: true },
  I: { of: (_message, at) => isoTime(at), isCut: true },
  l: { of: ({ payload }) => String(payload.length), isZeroed: true },
  m: { of: ({ packet }) => String(packet.messageId ?? 0), isZeroed: true },
  p: { of: ({ payload }) => payload },
  R: { of: ({ packet }) => packet.properties?.responseTopic ?? '', isCut: true },
  S: {
    of: ({ packet }) => numeral([packet.properties?.subscriptionIdentifier ?? []].flat()[0]),
    isZeroed: true,
  },
  t: { of: ({ topic }) => topic, isCut: true },
  x: { of: ({ payload }) => payload.toString('hex'), isZeroed: true },
  X: { of: ({ payload }) => payload.toString('hex').toUpperCase(), isZeroed: true },
}

function numeral(value: number | boolean | undefined): string {
  return value === undefined ? '' : String(Number(value))
}

/** The pairs, those of one name together, as the library keeps them. */
function userProperties({ properties }: PublishPacket): (readonly [string, string])[] {
  return Object.entries(properties?.userProperties ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value] as const),
  )
}

interface Padding {
  readonly width: number
  readonly longest: number
  readonly isLeft: boolean
  readonly isZero: boolean
}

/** Widths are in bytes, as they are in C. */
function pad(field: Buffer | string, { width, longest, isLeft, isZero }: Padding): Buffer {
  const bytes = Buffer.from(field)
  const cut = bytes.length > longest ? bytes.subarray(0, longest) : bytes
  const padding = Buffer.alloc(Math.max(0, width - cut.length), isZero && !isLeft ? '0' : ' ')
  return Buffer.concat(isLeft ? [cut, padding] : [padding, cut])
}
