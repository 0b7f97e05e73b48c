import { didYouMean } from '../../src/base/nearest.ts'
import { CONFIG_SCHEMA_DEPTH, CONFIG_SCHEMA_KIB, CONFIG_SCHEMA_NODES } from '../limits.ts'
import type { ConfigSchema } from '../sdk/config-schema.ts'
import { conform, type Mistakes } from './conform.ts'

/**
 * Checks that a plugin's config schema keeps to the safe subset, and to its bounds. JSON Schema as a whole is
 * code: a pattern backtracks for hours, a recursive `anyOf` does not end. What passes here is walked in
 * bounded time.
 *
 * @returns the first mistake in words, or undefined.
 */
export function lintConfigSchema(schema: unknown): string | undefined {
  const walk: Walk = { nodes: 0 }
  // the walk is bounded by depth and nodes, so it comes before anything that is not
  const mistake = lintNode(schema, 'config', 1, walk)
  if (mistake !== undefined) return mistake
  if ((schema as ConfigSchema).type !== 'object')
    return 'config: a plugin’s options are a map: type must be "object"'
  const kib = Math.ceil(Buffer.byteLength(JSON.stringify(schema)) / 1024)
  if (kib > CONFIG_SCHEMA_KIB) return `config: the schema has ${kib} KiB; the limit is ${CONFIG_SCHEMA_KIB}`
  return lintDefaults(schema as ConfigSchema, 'config')
}

interface Walk {
  nodes: number
}

const TYPES: readonly unknown[] = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']

type Check = (value: unknown) => boolean
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isType: Check = (value) =>
  TYPES.includes(value) ||
  (Array.isArray(value) && value.length === 2 && TYPES.includes(value[0]) && value[1] === 'null')

/** Every key of the subset: whether its value fits, and what to say if not. */
const KEYS: Readonly<Record<keyof ConfigSchema, readonly [Check, expected: string]>> = {
  type: [isType, `one of ${TYPES.join(', ')}, or [one of them, "null"]`],
  enum: [
    (value) => Array.isArray(value) && value.length > 0 && value.every(isScalar),
    'a list of plain values',
  ],
  const: [isScalar, 'a plain value'],
  default: [(value) => isShallow(value, CONFIG_SCHEMA_DEPTH), `at most ${CONFIG_SCHEMA_DEPTH} levels`],
  description: [(value) => typeof value === 'string', 'a string'],
  secret: [(value) => typeof value === 'boolean', 'true or false'],
  minimum: [Number.isFinite, 'a number'],
  maximum: [Number.isFinite, 'a number'],
  minLength: [isCount, 'a whole number'],
  maxLength: [isCount, 'a whole number'],
  minItems: [isCount, 'a whole number'],
  maxItems: [isCount, 'a whole number'],
  items: [isObject, 'a schema'],
  properties: [isObject, 'a map of schemas'],
  required: [
    (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
    'a list of names',
  ],
  additionalProperties: [(value) => value === false || isObject(value), 'false or a schema'],
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((nested) => isShallow(nested, levels - 1))
}

function lintNode(schema: unknown, path: string, depth: number, walk: Walk): string | undefined {
  if (!isObject(schema)) return `${path}: expected a schema`
  walk.nodes += 1
  if (walk.nodes > CONFIG_SCHEMA_NODES)
    return `${path}: the schema has more than ${CONFIG_SCHEMA_NODES} parts`
  if (depth > CONFIG_SCHEMA_DEPTH)
    return `${path}: the schema is more than ${CONFIG_SCHEMA_DEPTH} levels deep`
  const node = schema as Readonly<Record<string, unknown>>
  for (const [key, value] of Object.entries(node)) {
    if (!Object.hasOwn(KEYS, key)) return unknownKey(path, key)
    const [fits, expected] = KEYS[key as keyof ConfigSchema]
    if (!fits(value)) return `${path}.${key}: expected ${expected}`
  }
  if (!['type', 'enum', 'const'].some((key) => Object.hasOwn(node, key))) {
    return `${path}: say what is expected: type, enum or const`
  }
  return lintChildren(node, path, depth, walk)
}

function lintChildren(node: ConfigSchema, path: string, depth: number, walk: Walk): string | undefined {
  for (const [name, property] of Object.entries(node.properties ?? {})) {
    if (name === '__proto__') return `${path}.properties: no option may be called __proto__`
    const mistake = lintNode(property, `${path}.properties.${name}`, depth + 1, walk)
    if (mistake !== undefined) return mistake
  }
  const absent = node.required?.find(
    (name) => !Object.hasOwn(node.properties ?? {}, name) && typeof node.additionalProperties !== 'object',
  )
  if (absent !== undefined) return `${path}.required: ${JSON.stringify(absent)} is not among the properties`
  for (const key of ['items', 'additionalProperties'] as const) {
    const nested = node[key]
    if (nested === undefined || nested === false) continue
    const mistake = lintNode(nested, `${path}.${key}`, depth + 1, walk)
    if (mistake !== undefined) return mistake
  }
  return undefined
}

function unknownKey(path: string, key: string): string {
  const hint = didYouMean(key, Object.keys(KEYS))
  const known = ` (known: ${Object.keys(KEYS).join(', ')})`
  return `${path}: ${JSON.stringify(key)} is outside the schema subset${hint || known}`
}

/**
 * A default must fit its own schema: else the plugin would not start with options that its schema calls
 * complete.
 */
function lintDefaults(schema: ConfigSchema, path: string): string | undefined {
  if (schema.default !== undefined) {
    const mistakes: Mistakes = { list: [], most: 1 }
    conform(schema, schema.default, 'default', mistakes)
    if (mistakes.list[0] !== undefined)
      return `${path}.default does not fit its own schema: ${mistakes.list[0]}`
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const mistake = lintDefaults(property, `${path}.properties.${name}`)
    if (mistake !== undefined) return mistake
  }
  if (schema.items !== undefined) return lintDefaults(schema.items, `${path}.items`)
  if (typeof schema.additionalProperties === 'object') {
    return lintDefaults(schema.additionalProperties, `${path}.additionalProperties`)
  }
  return undefined
}
