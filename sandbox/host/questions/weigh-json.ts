import { WEIGHED_CHARS } from '../../limits.ts'

/**
 * Parses JSON that a plugin wrote, if it has at most so many parts: what parsing costs is not the length of a
 * text but how many values it makes, and a plugin must not choose how long the broker's loop stands still.
 *
 * @returns undefined when it is no JSON, or too much of it.
 */
export function parseWeighed(text: string, mostParts: number): unknown {
  if (text.length > WEIGHED_CHARS && !isWithin(text, mostParts)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Counts what begins, or separates, values and keys. What stands in strings costs next to nothing. */
function isWithin(text: string, mostParts: number): boolean {
  let parts = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      at = endOfString(text, at + 1)
    } else if (unit === COMMA || unit === COLON || unit === OPEN_LIST || unit === OPEN_OBJECT) {
      parts += 1
      if (parts > mostParts) return false
    }
  }
  return true
}

/** The place of the quote that ends a string, or of the text's end. */
function endOfString(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0 && isEscaped(text, at, from)) at = text.indexOf('"', at + 1)
  return at < 0 ? text.length : at
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, at: number, from: number): boolean {
  let first = at
  while (first > from && text.charCodeAt(first - 1) === BACKSLASH) first -= 1
  return (at - first) % 2 === 1
}

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_LIST = 91
const BACKSLASH = 92
const OPEN_OBJECT = 123
