import { parse } from 'yaml'
import { didYouMean } from '../base/nearest.ts'
import type { ConfigProblems } from './config-problems.ts'
import { CONFIG_SCHEMA } from './config-schema.ts'
import { type ConfigTree, isPlainMap, type Place } from './config-tree.ts'
import { childPointer, type Pointer, pointerKeys } from './pointer.ts'

const PREFIX = 'BULKHEAD_'
/** Between two keys; a single `_` may stand inside one. */
const SEPARATOR = '__'

type Schema = Readonly<Record<string, unknown>>

/**
 * Writes `BULKHEAD_LISTENERS__MQTT__BIND=0.0.0.0:1883` into the tree as `listeners.mqtt.bind`. Names are read
 * without regard to case and punctuation. A variable whose first word is no key of a config is not ours
 * (orchestrators set `BULKHEAD_PORT` for a service of that name), unless `__` says that it was meant to be.
 */
export function applyEnvOverrides(tree: ConfigTree, env: NodeJS.ProcessEnv, problems: ConfigProblems): void {
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || text === undefined) continue
    const words = variable.slice(PREFIX.length).split(SEPARATOR)
    const place: Place = { origin: variable, order: Number.MAX_SAFE_INTEGER }
    const topKeys = Object.keys(propertiesOf(CONFIG_SCHEMA))
    if (keyLike(words[0] ?? '', topKeys) === undefined) {
      if (words.length > 1)
        problems.at(place, `no such key${didYouMean((words[0] ?? '').toLowerCase(), topKeys)}`)
    } else override(tree, words, text, place, problems)
  }
}

function override(
  tree: ConfigTree,
  words: readonly string[],
  text: string,
  place: Place,
  problems: ConfigProblems,
): void {
  let schema: Schema = CONFIG_SCHEMA
  let map: Record<string, unknown> = tree.root
  let pointer: Pointer = ''
  for (const [index, word] of words.entries()) {
    const key =
      keyLike(word, [...Object.keys(propertiesOf(schema)), ...Object.keys(map)]) ?? word.toLowerCase()
    pointer = childPointer(pointer, key)
    schema = schemaOf(schema, key)
    tree.keys.set(pointer, place)
    tree.values.set(pointer, place)
    if (index === words.length - 1) {
      map[key] = schema['type'] === 'string' ? text : scalar(text)
      return
    }
    // one key of what is there by default is changed, not all of it replaced
    const child = (map[key] ??= structuredClone(schema['default'] ?? {}))
    if (!isPlainMap(child)) {
      problems.at(place, `${pointerKeys(pointer).join('.')} is not a map`)
      return
    }
    map = child
  }
}

/**
 * The key that is meant by an upper-case word: `RECEIVEMAXIMUM` and `RECEIVE_MAXIMUM` are `receiveMaximum`.
 */
function keyLike(word: string, keys: readonly string[]): string | undefined {
  const wanted = bare(word)
  return keys.find((key) => bare(key) === wanted)
}

function bare(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

function propertiesOf(schema: Schema): Schema {
  const properties = schema['properties']
  return isPlainMap(properties) ? properties : {}
}

function schemaOf(schema: Schema, key: string): Schema {
  const child = propertiesOf(schema)[key] ?? schema['additionalProperties']
  return isPlainMap(child) ? followed(child) : {}
}

/** What a `$ref` into the schema itself leads to. */
function followed(schema: Schema): Schema {
  const reference = schema['$ref']
  if (typeof reference !== 'string') return schema
  let target: unknown = CONFIG_SCHEMA
  for (const key of pointerKeys(reference.slice(1))) target = isPlainMap(target) ? target[key] : undefined
  return isPlainMap(target) ? target : {}
}

/** Numbers, `true`, `[a, b]` as YAML has them; what is no YAML is the text itself. */
function scalar(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return text
  }
}
