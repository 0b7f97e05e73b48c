import type { ErrorObject } from 'ajv'
import { didYouMean } from '../base/nearest.ts'
import { BIND_EXPECTED } from './bind-address.ts'
import { isPlainMap } from './config-tree.ts'
import { QUANTITIES, type Quantity } from './quantity.ts'

/** Characters of a given value that a message repeats. */
const SHOWN_CHARS = 60

/** What each format of the schema takes. */
const FORMATS: Readonly<Record<string, string>> = {
  'bind-address': BIND_EXPECTED,
  'url-path': 'a path such as /mqtt',
  'server-name': 'the name of a server such as mqtt.example.org',
  'file-mode': 'permissions in octal such as "0660"',
  origin: 'an origin such as https://app.example',
  'address-range': 'ADDRESS or ADDRESS/BITS such as 10.0.0.0/8',
  'client-id-prefix': 'at most 64 characters without +, # and control characters',
  'protocol-versions': 'a list of 3, 4 and 5 such as "3,4"',
  'subject-part': 'a part of a subject such as O=Acme, or *',
}

const TYPES: Readonly<Record<string, string>> = {
  integer: 'an integer',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  null: 'nothing',
}

/** Whether the mistake is a key and not its value. */
export function standsAtKey(error: ErrorObject): boolean {
  return ['additionalProperties', 'propertyNames', 'required'].includes(error.keyword)
}

/** What is wrong, expected and given, in one sentence for the operator. */
export function shapeMessage(error: ErrorObject): string {
  const { keyword, params, data } = error
  if (error.parentSchema?.['writeOnly'] === true) return secretRefused(error)
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(
        String(params['additionalProperty']),
        Object.keys(mapIn(error.parentSchema, 'properties')),
      )
    case 'propertyNames':
      return keyRefused(String(params['propertyName']), mapIn(error.parentSchema, 'propertyNames'))
    case 'required':
      return `the key ${JSON.stringify(params['missingProperty'])} is missing`
    case 'type':
      return expected(typesExpected(error), data)
    case 'enum':
      return expected(listed(params['allowedValues']), data) + meant(data, params['allowedValues'])
    case 'format':
      return expected(FORMATS[String(params['format'])] ?? String(params['format']), data)
    case 'quantity':
      return expected(`${quantityExpected(error)}${between(error)}`, data)
    case 'minimum':
    case 'maximum':
      return expected(`a number${between(error)}`, data)
    case 'minProperties':
      return expected(`at least ${String(params['limit'])} key`, data)
    case 'maxProperties':
      return expected(`at most ${String(params['limit'])} keys`, data)
    case 'minItems':
    case 'maxItems':
      return expected(
        `at ${keyword === 'minItems' ? 'least' : 'most'} ${String(params['limit'])} in the list`,
        data,
      )
    case 'uniqueItems':
      return 'expected each one once in the list'
    case 'minLength':
      return expected('a text that is not empty', data)
    default:
      return `${error.message ?? 'is not valid'}, got ${shown(data)}`
  }
}

/** What was given may be a secret in the wrong form, and does not belong into a log. */
function secretRefused({ parentSchema }: ErrorObject): string {
  return `expected a text of 1 to ${String(parentSchema?.['maxLength'])} characters`
}

/** `unknown key "listner"; did you mean "listeners"?` */
function unknownKey(key: string, known: readonly string[]): string {
  return `unknown key ${JSON.stringify(key)}${didYouMean(key, known)}`
}

/** A key is refused because it is none of a list, or, without a list, because it is no name. */
function keyRefused(key: string, names: Readonly<Record<string, unknown>>): string {
  const known = Array.isArray(names['enum']) ? names['enum'].map(String) : []
  if (known.length > 0) return unknownKey(key, known)
  const format = FORMATS[String(names['format'])]
  if (format !== undefined) return expected(format, key)
  return `expected a name of letters, digits, _ and - that starts with a letter, got ${shown(key)}`
}

function expected(what: string, given: unknown): string {
  return `expected ${what}, got ${shown(given)}`
}

function typesExpected(error: ErrorObject): string {
  if (error.parentSchema?.['quantity'] !== undefined) return quantityExpected(error)
  const types: unknown = error.params['type']
  const names: unknown[] = Array.isArray(types) ? types : [types]
  return names.map((type) => TYPES[String(type)] ?? String(type)).join(' or ')
}

function quantityExpected(error: ErrorObject): string {
  return QUANTITIES[error.parentSchema?.['quantity'] as Quantity]
}

function between(error: ErrorObject): string {
  const { minimum, maximum } = error.parentSchema ?? {}
  const open = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
  return open ? ` of at least ${String(minimum)}` : ` from ${String(minimum)} to ${String(maximum)}`
}

function listed(values: unknown): string {
  const all: unknown[] = Array.isArray(values) ? values : []
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${String(all.at(-1))}`
}

function meant(given: unknown, values: unknown): string {
  const words = Array.isArray(values) ? values.filter((value) => typeof value === 'string') : []
  return typeof given === 'string' ? didYouMean(given, words) : ''
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value !== 'string') return Object.keys(value).length === 0 ? 'an empty map' : 'a map'
  return `the text ${JSON.stringify(value.length > SHOWN_CHARS ? `${value.slice(0, SHOWN_CHARS)}…` : value)}`
}

function mapIn(schema: unknown, key: string): Record<string, unknown> {
  const value = isPlainMap(schema) ? schema[key] : undefined
  return isPlainMap(value) ? value : {}
}
