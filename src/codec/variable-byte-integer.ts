import type { Buffer } from 'node:buffer'

/** The biggest value that four bytes of seven bits can hold. */
export const VARIABLE_BYTE_INTEGER_MAX = 268_435_455

/**
 * Decodes the variable byte integer at `at`.
 *
 * @returns its value; -1 when it runs past `end`, has more than four bytes or is not in its shortest form
 * [MQTT-1.5.5-1]. The shortest form has one length only: {@link variableByteIntegerSize} of the value.
 */
export function readVariableByteInteger(buffer: Buffer, at: number, end: number): number {
  let value = 0
  for (let shift = 0; shift < 28; shift += 7) {
    if (at >= end) return -1
    const byte = buffer[at++] as number
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return byte === 0 && shift > 0 ? -1 : value
  }
  return -1
}

/** How many bytes the value takes. */
export function variableByteIntegerSize(value: number): 1 | 2 | 3 | 4 {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  return value < 0x20_0000 ? 3 : 4
}

/** Writes the value in its shortest form at `at` and returns where it ends. */
export function writeVariableByteInteger(buffer: Buffer, at: number, value: number): number {
  while (value >= 0x80) {
    buffer[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  buffer[at++] = value
  return at
}
