import { isSecretKey } from '../base/secret-key.ts'

// controls, lone surrogates, line and paragraph separators, bidirectional overrides: what can forge a line or
// a terminal
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/**
 * A stranger's text made safe to print: what could move a cursor or fake a line is shown as `\uXXXX`; capped.
 */
export function printable(text: string, maxChars = 1024): string {
  const shown = text.length > maxChars ? `${text.slice(0, maxChars)}…` : text
  return shown.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * The same for every string within a plugin's fields; anything deeper than a plain value becomes its JSON.
 * What a key calls a secret is not shown: plugins are given clients' passwords, and may write them down.
 */
export function printableFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      printable(key, 64),
      isSecretKey(key) ? MASKED : printableValue(value),
    ]),
  )
}

function printableValue(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  return printable(typeof value === 'string' ? value : JSON.stringify(value, masked))
}

function masked(key: string, value: unknown): unknown {
  return isSecretKey(key) ? MASKED : value
}

const MASKED = '[secret]'
