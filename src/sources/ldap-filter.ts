import type { SourceFailure, SourceParameters } from '../../sandbox/index.ts'
import { orderedValues } from './source.ts'

const PLACEHOLDER = /\{([A-Za-z][\w-]{0,63})\}/g

/** A search filter of the operator's, in which values are missing. */
export interface FilterTemplate {
  /** The names of its placeholders, each once. */
  readonly names: readonly string[]
  /** Text between values, and the name of the value that follows it. */
  readonly text: string
}

export function filterTemplate(text: string): FilterTemplate {
  return { text, names: [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name))] }
}

/**
 * The filter with its values in place, as text [RFC 4515]: whatever a value holds, it stays one.
 *
 * @param tenant fills in `{tenant}`.
 */
export function fillFilter(
  { text, names }: FilterTemplate,
  tenant: string,
  given: SourceParameters,
): string | SourceFailure {
  const values = orderedValues(names, tenant, given)
  if ('failure' in values) return values
  const texts = new Map(names.map((name, place) => [name, values[place]]))
  const empty = names.find((name) => texts.get(name) === null || texts.get(name) === '')
  // an attribute without a value is of nobody, and a server may take it for anybody
  if (empty !== undefined) return { failure: 'invalid', why: `parameters: ${empty} must not be empty` }
  return text.replaceAll(PLACEHOLDER, (_placeholder, name: string) => escapeValue(String(texts.get(name))))
}

/** Each byte but those that no grammar cares about, as `\xx`. */
export function escapeValue(value: string): string {
  return [...Buffer.from(value)]
    .map((byte) => {
      const letter = String.fromCharCode(byte)
      return /[A-Za-z0-9._-]/.test(letter) ? letter : `\\${byte.toString(16).padStart(2, '0')}`
    })
    .join('')
}
