import { Document, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { isPlainMap } from './config-tree.ts'
import type { LoadedConfig } from './load-config.ts'
import { childPointer, type Pointer, pointerKeys } from './pointer.ts'
import { isFree, isSecretKey, MASK } from './secrets.ts'

/**
 * The effective config as YAML, in which each value says in a comment where it comes from. What is secret is masked:
 * values from the environment or from files among a plugin's options, keys such as `password`, and `alsoSecret`, which
 * is what the plugins' own schemas call secret.
 */
export function showConfig(loaded: LoadedConfig, alsoSecret: ReadonlySet<Pointer> = new Set()): string {
  const isSecret = (at: Pointer): boolean =>
    loaded.secrets.has(at) || alsoSecret.has(at) || (isFree(at) && isSecretKey(pointerKeys(at).at(-1) ?? ''))
  const node = (value: unknown, at: Pointer): Node => {
    if (isSecret(at)) return leaf(MASK, at)
    if (Array.isArray(value) && value.length > 0) {
      const list = new YAMLSeq()
      list.items = value.map((item, index) => node(item, childPointer(at, index)))
      return list
    }
    if (isPlainMap(value) && Object.keys(value).length > 0) {
      const map = new YAMLMap()
      map.items = Object.entries(value).map(
        ([key, child]) => new Pair(new Scalar(key), node(child, childPointer(at, key))),
      )
      return map
    }
    return leaf(value, at)
  }
  const leaf = (value: unknown, at: Pointer): Node => {
    const scalar = isPlainMap(value)
      ? flow(new YAMLMap())
      : Array.isArray(value)
        ? flow(new YAMLSeq())
        : new Scalar(value)
    scalar.comment = ` ${loaded.origins.get(at) ?? (loaded.config.file === undefined ? 'given or default' : 'default')}`
    return scalar
  }
  const document = new Document()
  document.contents = node(loaded.effective, '') as typeof document.contents
  return document.toString({ lineWidth: 0 })
}

function flow<Collection extends YAMLMap | YAMLSeq>(empty: Collection): Collection {
  empty.flow = true
  return empty
}
