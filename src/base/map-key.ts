import { hash } from 'node:crypto'
import { HASHED_CHARS } from './limits.ts'

/**
 * A text of a stranger's as the key of a map. V8 hashes no more of a long string than its length: thousands
 * of one length would be compared with each other, character by character, at each look.
 */
export function mapKey(text: string): string {
  // the mark is in no topic, so that nobody's text passes for another's digest
  return text.length > HASHED_CHARS ? `\u0000${hash('sha256', text)}` : text
}
