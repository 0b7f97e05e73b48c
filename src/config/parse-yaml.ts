import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { CONFIG_DEPTH, CONFIG_NODES } from '../base/limits.ts'
import type { ConfigProblems } from './config-problems.ts'
import type { ConfigTree, Place } from './config-tree.ts'
import { childPointer, type Pointer } from './pointer.ts'

/** Lines are shorter than this, so that line and column order as one number. */
const COLUMNS = 2 ** 21

/**
 * Reads YAML 1.2 (core schema, one document) into plain data, remembering the line and column of every key
 * and value. Mistakes go to `problems`; what is returned then is as much as could be read.
 *
 * @param version 1.1 for what other programs read so.
 */
export function parseYaml(
  text: string,
  file: string,
  problems: ConfigProblems,
  version: '1.1' | '1.2' = '1.2',
): ConfigTree {
  const lines = new LineCounter()
  const document = parseDocument(text.replace(NOTHING_ENDED, blank), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    version,
  })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { origin: `${file}:${line}:${col}`, order: line * COLUMNS + col }
  }
  for (const fault of [...document.errors, ...document.warnings]) {
    problems.at(placeAt(fault.pos[0]), fault.message, 'ERR_CONFIG_SYNTAX')
  }
  const tree: ConfigTree = { root: {}, keys: new Map(), values: new Map() }
  if (problems.any || document.contents === null) return tree
  const reader = new TreeReader(tree, problems, placeAt, document)
  const root = reader.read(document.contents, '', 0)
  if (isMap(document.contents)) return { ...tree, root: root as Record<string, unknown> }
  if (!isScalar(document.contents) || document.contents.value !== null) {
    problems.atValue(tree, '', 'expected a map of keys such as "listeners:"')
  }
  return tree
}

/** A document's end before there is one, which ends nothing; the library counts it as a document. */
const NOTHING_ENDED = /^(?:\.{3}[ \t]*\r?\n)+/

/** As long as before, so that everything else stays in its place. */
function blank(text: string): string {
  return text.replaceAll('.', ' ')
}

/** Turns nodes into plain data. Aliases are followed each time, and counted: depth and nodes are bounded. */
class TreeReader {
  readonly #tree: ConfigTree
  readonly #problems: ConfigProblems
  readonly #placeAt: (offset: number) => Place
  readonly #document: Document.Parsed
  /** What each alias stands for: to find it, the library walks the document. */
  readonly #anchored = new Map<Alias, Node | undefined>()
  #nodes = 0

  constructor(
    tree: ConfigTree,
    problems: ConfigProblems,
    placeAt: (offset: number) => Place,
    document: Document.Parsed,
  ) {
    this.#tree = tree
    this.#problems = problems
    this.#placeAt = placeAt
    this.#document = document
  }

  read(node: unknown, at: Pointer, depth: number): unknown {
    if (isAlias(node)) return this.#readAlias(node, at, depth)
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null
    const place = this.#placeAt(node.range?.[0] ?? 0)
    if (!this.#tree.values.has(at)) this.#tree.values.set(at, place)
    this.#nodes++
    if (this.#nodes > CONFIG_NODES || depth > CONFIG_DEPTH) {
      if (this.#nodes <= CONFIG_NODES + 1)
        this.#problems.at(place, 'the config is too deep or too large', 'ERR_CONFIG_SYNTAX')
      return null
    }
    if (isScalar(node)) return node.value
    return isMap(node) ? this.#readMap(node, at, depth) : this.#readList(node, at, depth)
  }

  #readAlias(alias: Alias, at: Pointer, depth: number): unknown {
    if (!this.#anchored.has(alias)) this.#anchored.set(alias, alias.resolve(this.#document))
    const anchored = this.#anchored.get(alias)
    if (anchored !== undefined) return this.read(anchored, at, depth)
    const place = this.#placeAt(alias.range?.[0] ?? 0)
    this.#problems.at(place, `there is no anchor ${JSON.stringify(alias.source)}`, 'ERR_CONFIG_SYNTAX')
    return null
  }

  #readList(list: YAMLSeq, at: Pointer, depth: number): unknown[] {
    return list.items.map((item, index) => this.read(item, childPointer(at, index), depth + 1))
  }

  #readMap(map: YAMLMap, at: Pointer, depth: number): Record<string, unknown> {
    const read: Record<string, unknown> = {}
    for (const { key, value } of map.items) {
      const place = this.#placeAt((isScalar(key) ? key.range?.[0] : map.range?.[0]) ?? 0)
      const name = isScalar(key) ? keyText(key) : undefined
      if (name === undefined) {
        this.#problems.at(place, 'a key must be a plain word, number or quoted text', 'ERR_CONFIG_SYNTAX')
        continue
      }
      // assigning it would set the prototype, and no plugin has an honest use for it
      if (name === '__proto__') {
        this.#problems.at(place, 'the key "__proto__" is not allowed', 'ERR_CONFIG_SYNTAX')
        continue
      }
      const child = childPointer(at, name)
      this.#tree.keys.set(child, place)
      read[name] = this.read(value, child, depth + 1)
    }
    return read
  }
}

/** A key as it is written: a user called 007 is not 7. */
function keyText({ value, source }: Scalar): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? (source ?? String(value)) : undefined
}
