// C0 and C1 controls, line and paragraph separators, bidirectional overrides: what can forge a line or a
// terminal
// oxlint-disable-next-line no-control-regex -- these are what it looks for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * A stranger's text made safe to print: what could move a cursor or fake a line is shown as `\uXXXX`; capped.
 */
export function printable(text: string, maxChars = 1024): string {
  const shown = text.length > maxChars ? `${text.slice(0, maxChars)}…` : text
  return shown.replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * The same for every string within a plugin's fields; anything deeper than a plain value becomes its JSON.
 */
export function printableFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    const plain = typeof value === 'number' || typeof value === 'boolean' || value === null
    shown[printable(key, 64)] = plain
      ? value
      : printable(typeof value === 'string' ? value : JSON.stringify(value))
  }
  return shown
}
