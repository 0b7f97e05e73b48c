import { Document, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { isSecretKey } from '../base/secret-key.ts'
import { isPlainMap } from './config-tree.ts'
import type { LoadedConfig } from './load-config.ts'
import { childPointer, type Pointer, pointerKeys } from './pointer.ts'
import { isFree, isPluginSecret, MASK } from './secrets.ts'

/**
 * The effective config as YAML, in which each value says in a comment where it comes from. Secrets are
 * masked: values from the environment or from files among a plugin's options, keys such as `password`, and
 * what `alsoSecret` says, which knows what plugins' own schemas call secret.
 */
export function showConfig(loaded: LoadedConfig, alsoSecret: (at: Pointer) => boolean = () => false): string {
  const isSecret = (at: Pointer): boolean =>
    loaded.secrets.has(at) ||
    alsoSecret(at) ||
    isPluginSecret(at) ||
    (isFree(at) && isSecretKey(pointerKeys(at).at(-1) ?? ''))
  const nodeOf = (value: unknown, at: Pointer): Node => {
    if (isSecret(at)) return leaf(new Scalar(MASK), at)
    if (isPlainMap(value)) {
      const map = new YAMLMap()
      for (const [key, child] of Object.entries(value)) {
        map.items.push(new Pair(new Scalar(key), nodeOf(child, childPointer(at, key))))
      }
      return map.items.length > 0 ? map : leaf(map, at)
    }
    if (!Array.isArray(value)) return leaf(new Scalar(value), at)
    const list = new YAMLSeq()
    for (const [index, item] of value.entries()) list.items.push(nodeOf(item, childPointer(at, index)))
    return list.items.length > 0 ? list : leaf(list, at)
  }
  const leaf = (node: Scalar | YAMLMap | YAMLSeq, at: Pointer): Node => {
    // `{}` and `[]` have no other form, and on one line their comment stands behind them
    if (!(node instanceof Scalar)) node.flow = true
    node.comment = ` ${loaded.origins.get(at) ?? unwritten(loaded)}`
    return node
  }
  const document = new Document()
  document.contents = nodeOf(loaded.effective, '') as typeof document.contents
  return document.toString({ lineWidth: 0 })
}

/** Where a value without a place comes from: an object given in code has no places at all. */
function unwritten({ config }: LoadedConfig): string {
  if (config.demo) return 'built in'
  return config.file === undefined ? 'given, or default' : 'default'
}
