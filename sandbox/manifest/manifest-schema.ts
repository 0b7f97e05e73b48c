import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { didYouMean } from '../../src/base/nearest.ts'
import { MANIFEST_ERRORS } from '../limits.ts'
import { HOOKS } from '../sdk/hooks.ts'
import { CAPABILITIES, type CapabilityName } from './manifest.ts'

/**
 * A manifest as somebody wrote it, in the code or in plugin.yaml: the right shape, not yet the right sense.
 */
export interface StatedManifest {
  readonly name?: string
  readonly version?: string
  readonly api?: 1
  readonly for?: 'broker' | 'client'
  readonly hooks?: readonly string[]
  readonly config?: Readonly<Record<string, unknown>>
  readonly capabilities?: Readonly<Record<string, unknown>>
}

const NAMES = {
  type: 'array',
  items: { type: 'string', minLength: 1, maxLength: 256 },
  minItems: 1,
  maxItems: 64,
}

/** What the powers that can be cut down are asked for with; all others are asked for with `true`. */
const ATTENUATED: Partial<Record<CapabilityName, object>> = {
  publish: closed({ topics: NAMES, perSecond: { type: 'integer', minimum: 1 } }, ['topics']),
  kv: closed({ bytes: { type: 'integer', minimum: 1 } }, ['bytes']),
  // `true`: wherever the operator says
  fetch: { if: { type: 'object' }, then: closed({ hosts: NAMES }, ['hosts']), else: { const: true } },
  query: closed({ names: NAMES }, ['names']),
  ldap: closed({ names: NAMES }, ['names']),
}

const capabilities: object = closed(
  Object.fromEntries(CAPABILITIES.map((name) => [name, ATTENUATED[name] ?? { const: true }])),
)

/** Names end up in logs and start lines: printable, and short. */
const SCHEMA = closed({
  name: { type: 'string', pattern: '^[\\w@][\\w@./-]{0,127}$' },
  version: { type: 'string', pattern: '^[\\w.+-]{1,64}$' },
  api: { const: 1 },
  for: { enum: ['broker', 'client'] },
  hooks: {
    type: 'array', // typed, so that ajv compares no item with every other
    items: { type: 'string', enum: HOOKS },
    uniqueItems: true,
  },
  config: { type: 'object' },
  capabilities,
})

function closed(properties: object, required: readonly string[] = []): object {
  return { type: 'object', properties, required, additionalProperties: false }
}

let validate: ValidateFunction<StatedManifest> | undefined

/**
 * Checks a manifest's shape.
 *
 * @returns the first mistakes in words, each naming its place; none: `value` is a {@link StatedManifest}.
 */
export function manifestMistakes(value: unknown): string[] {
  validate ??= new Ajv({ strict: true, allErrors: true, verbose: true }).compile<StatedManifest>(SCHEMA)
  if (validate(value)) return []
  // that a branch was not met is said by what was wrong in it
  const mistakes = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if')
  return mistakes.slice(0, MANIFEST_ERRORS).map(inWords)
}

function inWords(error: ErrorObject): string {
  const place = error.instancePath.slice(1).replaceAll('/', '.')
  const prefix = place === '' ? '' : `${place}: `
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty'])
      const known = Object.keys((error.parentSchema as { properties: object }).properties)
      const kind = place === 'capabilities' ? 'capability' : 'key'
      return `${prefix}${kind} ${quoted(key)} is unknown${hint(key, known)}`
    }
    case 'enum': {
      const known = error.params['allowedValues'] as readonly string[]
      return `${prefix}${quoted(error.data)} is unknown${hint(String(error.data), known)}`
    }
    case 'const':
      return `${prefix}expected ${JSON.stringify(error.params['allowedValue'])}, got ${quoted(error.data)}`
    case 'required':
      return `${prefix}${quoted(error.params['missingProperty'])} is missing`
    default:
      return `${prefix}${error.message ?? error.keyword}`
  }
}

function hint(key: string, known: readonly string[]): string {
  return didYouMean(key, known) || `; known: ${known.join(', ')}`
}

function quoted(value: unknown): string {
  const text = typeof value === 'object' ? 'a map or list' : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
