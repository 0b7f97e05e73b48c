import { type Buffer, isUtf8 } from 'node:buffer'
import { TEXT_JUDGED_HERE_BYTES } from '../base/limits.ts'

/**
 * The length of the well-formed sequence of two to four bytes at `at`, or 0: overlong forms, surrogates and
 * what lies past U+10FFFF are ill-formed [Unicode, table 3-7] [MQTT-1.5.4-1].
 */
export function utf8SequenceSize(buffer: Buffer, at: number, end: number): 0 | 2 | 3 | 4 {
  const lead = buffer[at] as number
  const size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (size === 0 || at + size > end) return 0
  const second = buffer[at + 1] as number
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < lowest || second > highest) return 0
  for (let i = 2; i < size; i++) {
    if (((buffer[at + i] as number) & 0xc0) !== 0x80) return 0
  }
  return size
}

/**
 * Is this a UTF-8 encoded string of the standard: well-formed [MQTT-1.5.4-1][3.1.1 MQTT-1.5.3-1], without
 * U+0000 [MQTT-1.5.4-2][3.1.1 MQTT-1.5.3-2]? U+FEFF is a character like any other, here and for who decodes
 * the bytes [MQTT-1.5.4-3].
 */
export function isUtf8String(buffer: Buffer, start: number, end: number): boolean {
  if (end - start > TEXT_JUDGED_HERE_BYTES) {
    const text = buffer.subarray(start, end)
    return isUtf8(text) && !text.includes(0)
  }
  let at = start
  while (at < end) {
    const byte = buffer[at] as number
    if (byte === 0) return false
    const size = byte < 0x80 ? 1 : utf8SequenceSize(buffer, at, end)
    if (size === 0) return false
    at += size
  }
  return true
}
