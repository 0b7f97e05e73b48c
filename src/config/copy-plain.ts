import { CONFIG_DEPTH, CONFIG_NODES } from '../base/limits.ts'
import type { ConfigProblems } from './config-problems.ts'
import { type ConfigTree, isPlainMap } from './config-tree.ts'
import { childPointer, type Pointer } from './pointer.ts'

/**
 * A config given in code, as a tree that nobody else holds. What no file could say (a function, an object of
 * a class, a cycle) is a mistake; a key whose value is undefined is absent.
 */
export function copyPlain(source: Readonly<Record<string, unknown>>, problems: ConfigProblems): ConfigTree {
  const tree: ConfigTree = { root: {}, keys: new Map(), values: new Map() }
  let nodes = 0
  const copy = (value: unknown, at: Pointer, depth: number): unknown => {
    nodes++
    if (nodes > CONFIG_NODES || depth > CONFIG_DEPTH) {
      problems.atValue(tree, at, 'the config is too deep or too large')
      return null
    }
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value
    if (Array.isArray(value))
      return value.map((item, index) => copy(item, childPointer(at, index), depth + 1))
    if (!isPlainMap(value)) {
      problems.atValue(tree, at, 'expected plain data: maps, lists, texts, numbers, true, false, null')
      return null
    }
    const entries = Object.entries(value).filter(([key, child]) => child !== undefined && key !== '__proto__')
    return Object.fromEntries(
      entries.map(([key, child]) => [key, copy(child, childPointer(at, key), depth + 1)]),
    )
  }
  const root = copy(source, '', 0)
  return isPlainMap(root) ? { ...tree, root } : tree
}
