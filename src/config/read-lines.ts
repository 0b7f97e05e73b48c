import { readFileSync, statSync } from 'node:fs'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { BUILTIN_FILE_BYTES } from '../base/limits.ts'

/** A line of a file that says something, and where: `users.txt:12`. */
export interface WrittenLine {
  readonly text: string
  readonly place: string
}

/**
 * Reads the lines of a file, without empty ones and comments.
 *
 * @throws BulkheadError ERR_CONFIG_READ
 */
export function readLines(file: string): WrittenLine[] {
  return textOf(file)
    .split(/\r?\n/)
    .map((text, index) => ({ text, place: `${file}:${index + 1}` }))
    .filter(({ text }) => text.trim() !== '' && !text.startsWith('#'))
}

function textOf(file: string): string {
  try {
    if (statSync(file).size <= BUILTIN_FILE_BYTES)
      return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (cause) {
    throw new BulkheadError('ERR_CONFIG_READ', `${file} cannot be read: ${messageOf(cause)}`, { cause })
  }
  throw new BulkheadError('ERR_CONFIG_READ', `${file} is larger than ${BUILTIN_FILE_BYTES} bytes`)
}
