import type { Buffer } from 'node:buffer'
import { TOPIC_LEVELS } from '../base/limits.ts'
import { ReasonCode } from './reason-code.ts'
import { utf8SequenceSize } from './utf8.ts'

const SPACE = 0x20
const HASH = 0x23
const SLASH = 0x2f
const PLUS = 0x2b
const SHARE = '$share/'
/** `$share` and the share name. */
const SHARE_LEVELS = 2
const DELETE = 0x7f
/** U+0080 to U+009F are this byte and one below {@link C1_END}. */
const C1_LEAD = 0xc2
const C1_END = 0xa0

/**
 * Judges a topic name byte by byte, without decoding it: UTF-8 [MQTT-3.3.2-1] without wildcards
 * [MQTT-3.3.2-2][3.1.1 MQTT-3.3.2-2][3.1.1 MQTT-4.7.1-1]. The standard lets a server refuse control
 * characters [MQTT 5.0, 1.5.4]; topics end up in logs and terminals, so this one does. A name of more than
 * {@link TOPIC_LEVELS} levels is refused as well: whoever walks a tree of topics walks a bounded way.
 *
 * @returns 0, or the reason code with which it is refused. That it is empty is for the caller to judge.
 */
export function topicNameRefusal(buffer: Buffer, start: number, end: number): number {
  let at = start
  while (at < end) {
    const byte = buffer[at] as number
    if (byte < SPACE || byte >= DELETE) {
      const size = characterSize(buffer, at, end)
      if (size === 0) return ReasonCode.malformedPacket
      at += size
      continue
    }
    if (byte === HASH || byte === PLUS) return ReasonCode.malformedPacket // [MQTT-4.7.0-1]
    at++
  }
  return isTooDeep(buffer, start, end, TOPIC_LEVELS) ? ReasonCode.malformedPacket : 0
}

/**
 * Judges a topic filter by its characters and its levels; where its wildcards may stand is for the router.
 *
 * @returns 0, or the reason code with which it is refused. That it is empty is for the caller to judge.
 */
export function topicFilterRefusal(buffer: Buffer, start: number, end: number): number {
  if (!isPlainText(buffer, start, end)) return ReasonCode.malformedPacket
  if (!isTooDeep(buffer, start, end, TOPIC_LEVELS)) return 0
  // the share name is no level of the filter
  const isShared = buffer.toString('latin1', start, start + SHARE.length) === SHARE
  if (isShared && !isTooDeep(buffer, start, end, TOPIC_LEVELS + SHARE_LEVELS)) return 0
  return ReasonCode.malformedPacket
}

/** A separator at the end opens no level that counts. */
function isTooDeep(buffer: Buffer, start: number, end: number, most: number): boolean {
  // with so few bytes it cannot have so many levels: most topics are not looked at again
  if (end - start <= most) return false
  let levels = 1
  for (let at = start; at < end - 1; at++) if (buffer[at] === SLASH) levels++
  return levels > most
}

/**
 * Whether text is well-formed UTF-8 without control characters, such as topic filters [MQTT-3.8.3-1], client
 * identifiers and user names.
 */
export function isPlainText(buffer: Buffer, start: number, end: number): boolean {
  let at = start
  while (at < end) {
    const byte = buffer[at] as number
    const size = byte >= SPACE && byte < DELETE ? 1 : characterSize(buffer, at, end)
    if (size === 0) return false
    at += size
  }
  return true
}

/**
 * The length of a character that is neither printable ASCII nor a control character, U+0000 among them
 * [3.1.1 MQTT-4.7.3-2]; 0 for anything else.
 */
function characterSize(buffer: Buffer, at: number, end: number): number {
  const lead = buffer[at] as number
  if (lead <= DELETE) return 0 // [MQTT-4.7.3-2]
  const size = utf8SequenceSize(buffer, at, end)
  return lead === C1_LEAD && (buffer[at + 1] as number) < C1_END ? 0 : size
}
