import type { AnySchemaObject, ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { isAddressRange, SERVER_NAME } from './address-range.ts'
import { parseBindAddress } from './bind-address.ts'
import { CLIENT_SCHEMA } from './client-schema.ts'
import type { ConfigProblems } from './config-problems.ts'
import { CONFIG_SCHEMA } from './config-schema.ts'
import { type ConfigTree, isPlainMap } from './config-tree.ts'
import { childPointer, type Pointer, parentPointer, pointerKeys } from './pointer.ts'
import { parseProtocolVersions } from './protocol-versions.ts'
import { parseQuantity, type Quantity } from './quantity.ts'
import { shapeMessage, standsAtKey } from './shape-messages.ts'

/** A mistake taken out may uncover the next one in the map around it; deeper than this no config nests. */
const ROUNDS = 8

/** A tree in which everything is as the schema says, and what had to be left out for that. */
export interface ShapedTree {
  readonly root: Record<string, unknown>
  /**
   * Places that were wrong: whoever checks what is around them must not conclude anything from their absence.
   */
  readonly removed: ReadonlySet<Pointer>
}

const ajv = makeAjv()

/**
 * Checks a config against the schema and fills in the defaults. Mistakes go to `problems`, and are left out
 * of what is returned, so that the rest can be checked for sense and one refusal names all mistakes.
 *
 * @param kind of a broker, or of a client.
 */
export function checkShape(
  tree: ConfigTree,
  problems: ConfigProblems,
  kind: 'config' | 'client' = 'config',
): ShapedTree {
  const root = structuredClone(tree.root)
  const removed = new Set<Pointer>()
  const validate = validator(kind)
  for (let round = 0; !validate(root); round++) {
    const errors = (validate.errors ?? []).filter(isOriginal)
    for (const error of errors) {
      const pointer = placeOf(error)
      if (round === 0) report(tree, pointer, error, problems)
      removed.add(remove(root, pointer, error))
    }
    if (round === ROUNDS) return { root: allDefaults(kind), removed: removed.add('') }
  }
  return { root, removed }
}

function allDefaults(kind: 'config' | 'client'): Record<string, unknown> {
  const root = {}
  validator(kind)(root)
  return root
}

/** A tenant of a config without `tenants:`, made of the keys at top level, with the defaults filled in. */
export function fillTenant(keys: Record<string, unknown>): Record<string, unknown> {
  validator('config#/$defs/tenant')(keys)
  return keys
}

function makeAjv(): Ajv2020 {
  const instance = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    useDefaults: true,
    // a config is checked once or twice a process: compiling for speed, and judging our own schema, took
    // most of the time that this takes (a test judges the schema)
    code: { optimize: false },
    meta: false,
    validateSchema: false,
  })
  instance.addFormat('bind-address', (text) => parseBindAddress(text) !== undefined)
  instance.addFormat('url-path', /^\/[\w\-./~]{0,255}$/)
  instance.addFormat('server-name', SERVER_NAME)
  instance.addFormat('file-mode', /^0?[0-7]{3}$/)
  instance.addFormat('origin', /^(null|[a-z][a-z0-9+.-]*:\/\/[^\s/]+)$/)
  instance.addFormat('address-range', isAddressRange)
  instance.addFormat('client-id-prefix', /^[^\p{C}+#]{0,64}$/u)
  instance.addFormat('protocol-versions', (text) => parseProtocolVersions(text) !== undefined)
  instance.addFormat('subject-part', /^(\*|[A-Za-z0-9.]+=.+)$/)
  instance.addFormat('minisign-key', /^RW[A-Za-z0-9+/]{54}$/)
  instance.addFormat('name', /^[A-Za-z][\w-]{0,63}$/)
  instance.addKeyword({
    keyword: 'quantity',
    type: 'string',
    schemaType: 'string',
    validate: (kind: Quantity, text: string, schema?: AnySchemaObject): boolean => {
      const number = parseQuantity(kind, text) ?? Number.NaN
      return (
        number === Number.POSITIVE_INFINITY ||
        (number >= schema?.['minimum'] && number <= schema?.['maximum'])
      )
    },
  })
  return instance.addSchema(CONFIG_SCHEMA, 'config').addSchema(CLIENT_SCHEMA, 'client')
}

function validator(reference: string): ValidateFunction {
  const validate = ajv.getSchema(reference)
  if (validate === undefined) throw new Error(`broken invariant: the config schema lacks ${reference}`)
  return validate
}

/** `if` and `propertyNames` only repeat what another error says. */
function isOriginal(error: ErrorObject): boolean {
  return error.keyword !== 'if' && error.propertyName === undefined
}

function placeOf(error: ErrorObject): Pointer {
  const key: unknown =
    error.params['additionalProperty'] ?? error.params['propertyName'] ?? error.params['missingProperty']
  return typeof key === 'string' ? childPointer(error.instancePath, key) : error.instancePath
}

function report(tree: ConfigTree, pointer: Pointer, error: ErrorObject, problems: ConfigProblems): void {
  const message = shapeMessage(error)
  if (standsAtKey(error)) problems.atKey(tree, pointer, message)
  else problems.atValue(tree, pointer, message)
}

/**
 * Takes the mistake out of `root` and returns what was taken out: a list goes as a whole, and so does a map
 * that lacks a key.
 */
function remove(root: Record<string, unknown>, pointer: Pointer, error: ErrorObject): Pointer {
  const place = error.keyword === 'required' ? parentPointer(pointer) : pointer
  const keys = pointerKeys(place)
  const last = keys.pop()
  let parent: unknown = root
  for (const key of keys) {
    if (Array.isArray(parent)) return ''
    parent = isPlainMap(parent) ? parent[key] : undefined
  }
  if (Array.isArray(parent)) return remove(root, parentPointer(place), { ...error, keyword: 'type' })
  if (last !== undefined && isPlainMap(parent)) delete parent[last]
  return place
}
