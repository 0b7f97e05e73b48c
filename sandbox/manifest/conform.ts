import { nearest } from '../../src/base/nearest.ts'
import type { ConfigSchema, ConfigType } from '../sdk/config-schema.ts'
import { canonicalJson } from './canonical-json.ts'

/** Collects what does not fit; full after so many mistakes, since one wrong indent makes a hundred. */
export interface Mistakes {
  readonly list: string[]
  readonly most: number
}

/**
 * Checks a value against a schema that was linted, and returns a copy with the defaults filled in. Nothing is
 * coerced. Where something does not fit, the mistake is noted and the copy is of no use.
 *
 * @param path how the operator would find the value: `acl.alice[0]`; '' is the whole.
 */
export function conform(schema: ConfigSchema, value: unknown, path: string, mistakes: Mistakes): unknown {
  if (schema.const !== undefined && !sameJson(value, schema.const))
    return misfit(path, mistakes, schema, value)
  if (schema.enum !== undefined && !schema.enum.some((each) => sameJson(value, each))) {
    return misfit(path, mistakes, schema, value)
  }
  if (schema.type === undefined) return value
  const types: readonly ConfigType[] = typeof schema.type === 'string' ? [schema.type] : schema.type
  if (!types.some((type) => hasType(value, type))) return misfit(path, mistakes, schema, value)
  if (Array.isArray(value)) return conformArray(schema, value, path, mistakes)
  if (typeof value === 'object' && value !== null) return conformObject(schema, value, path, mistakes)
  if (typeof value === 'string') {
    noteRange(path, mistakes, schema.minLength, schema.maxLength, characters(value), 'characters')
  } else if (typeof value === 'number') {
    noteRange(path, mistakes, schema.minimum, schema.maximum, value, '')
  }
  return value
}

function conformArray(
  schema: ConfigSchema,
  value: readonly unknown[],
  path: string,
  mistakes: Mistakes,
): unknown[] {
  noteRange(path, mistakes, schema.minItems, schema.maxItems, value.length, 'items')
  const { items } = schema
  if (items === undefined) return [...value]
  return value.map((each, index) => conform(items, each, `${path}[${index}]`, mistakes))
}

function conformObject(schema: ConfigSchema, value: object, path: string, mistakes: Mistakes): object {
  const properties = schema.properties ?? {}
  const additional = schema.additionalProperties
  const result: Record<string, unknown> = {}
  for (const [key, nested] of Object.entries(value)) {
    const place = path === '' ? key : `${path}.${key}`
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined
    const wanted = known ?? (additional === false ? undefined : additional)
    if (key === '__proto__') note(mistakes, `option \`${place}\`: no option may be called so`)
    else if (wanted === undefined) noteUnknown(place, key, Object.keys(properties), mistakes)
    else result[key] = conform(wanted, nested, place, mistakes)
  }
  for (const [key, property] of Object.entries(properties)) {
    if (Object.hasOwn(value, key)) continue
    const place = path === '' ? key : `${path}.${key}`
    if (property.default !== undefined) result[key] = conform(property, property.default, place, mistakes)
    else if (schema.required?.includes(key) === true) {
      note(mistakes, `option \`${place}\` is missing: expected ${expectation(property)}`)
    }
  }
  for (const key of schema.required ?? []) {
    if (Object.hasOwn(properties, key) || Object.hasOwn(value, key)) continue
    note(mistakes, `option \`${path === '' ? key : `${path}.${key}`}\` is missing`)
  }
  return result
}

/** Code points, as JSON Schema counts them: neither the halves of a pair nor the bytes. */
function characters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

function hasType(value: unknown, type: ConfigType): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'integer':
      return Number.isSafeInteger(value)
    case 'number':
      return Number.isFinite(value)
    case 'string':
    case 'boolean':
      return typeof value === type
  }
}

/** What the schema wants, in words: `a list`, `one of "low", "high"`. */
function expectation(schema: ConfigSchema): string {
  if (schema.const !== undefined) return shown(schema.const)
  if (schema.enum !== undefined) return `one of ${schema.enum.map(shown).join(', ')}`
  const types: readonly ConfigType[] = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  return types.map((type) => WORDS[type]).join(' or ')
}

const WORDS: Readonly<Record<ConfigType, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
}

/** The value as the operator wrote it, unless that is long, or a secret. */
function given(schema: ConfigSchema, value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a map'
  if (schema.secret === true) return typeof value === 'string' ? 'a string' : `a ${typeof value}`
  return typeof value === 'string' ? `the string ${shown(value)}` : shown(value)
}

function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : canonicalJson(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function misfit(path: string, mistakes: Mistakes, schema: ConfigSchema, value: unknown): undefined {
  const subject = path === '' ? 'the options' : `option \`${path}\``
  note(mistakes, `${subject}: expected ${expectation(schema)}, got ${given(schema, value)}`)
}

function noteRange(
  path: string,
  mistakes: Mistakes,
  least: number | undefined,
  most: number | undefined,
  size: number,
  unit: string,
): void {
  const what = unit === '' ? '' : ` ${unit}`
  if (least !== undefined && size < least) {
    note(mistakes, `option \`${path}\`: expected at least ${least}${what}, got ${size}`)
  } else if (most !== undefined && size > most) {
    note(mistakes, `option \`${path}\`: expected at most ${most}${what}, got ${size}`)
  }
}

function noteUnknown(place: string, key: string, known: readonly string[], mistakes: Mistakes): void {
  const meant = nearest(key, known)
  const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`
  note(mistakes, `option \`${place}\` is unknown${hint}`)
}

function note(mistakes: Mistakes, text: string): void {
  if (mistakes.list.length < mistakes.most) mistakes.list.push(text)
}

function sameJson(one: unknown, other: unknown): boolean {
  return one === other || canonicalJson(one) === canonicalJson(other)
}
