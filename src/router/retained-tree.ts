import type { ParsedFilter } from './topic-filter.ts'
import { TopicNode } from './topic-node.ts'

/** The retained messages of one tenant, by the levels of their topics: one a topic [MQTT-3.3.1-5]. */
export class RetainedTree<M> {
  readonly #root = new RetainedNode<M>('')
  #size = 0

  get size(): number {
    return this.#size
  }

  get(topic: string): M | undefined {
    return this.#find(topic.split('/'))?.message
  }

  /** @returns the message that it replaced. */
  set(topic: string, message: M): M | undefined {
    let node = this.#root
    for (const level of topic.split('/')) node = node.childOrNew(level)
    const before = node.message
    if (before === undefined) this.#size += 1
    node.message = message
    return before
  }

  /** @returns the message that was there. */
  delete(topic: string): M | undefined {
    const path = [this.#root]
    let node: RetainedNode<M> | undefined = this.#root
    for (const level of topic.split('/')) {
      node = node.child(level)
      if (node === undefined) return undefined
      path.push(node)
    }
    const before = node.message
    if (before === undefined) return undefined
    node.message = undefined
    this.#size -= 1
    for (let depth = path.length - 1; depth > 0; depth -= 1) {
      const last = path[depth]
      if (last === undefined || !last.barren) break
      path[depth - 1]?.disown(last.level)
    }
    return before
  }

  /**
   * Calls `each` for every message that a filter matches, until it says that no more are wanted; `each` must
   * not change the tree.
   */
  match(filter: ParsedFilter, each: (message: M) => boolean): void {
    visitMatching(this.#root, filter.levels, 0, each)
  }

  #find(levels: readonly string[]): RetainedNode<M> | undefined {
    let node: RetainedNode<M> | undefined = this.#root
    for (const level of levels) {
      node = node.child(level)
      if (node === undefined) return undefined
    }
    return node
  }
}

class RetainedNode<M> extends TopicNode<RetainedNode<M>> {
  message: M | undefined = undefined

  get barren(): boolean {
    return this.message === undefined && this.childless
  }

  childOrNew(level: string): RetainedNode<M> {
    const known = this.child(level)
    if (known !== undefined) return known
    const node = new RetainedNode<M>(level)
    this.adopt(node)
    return node
  }
}

/**
 * Recurses as deep as the filter is long, which parsing has bounded.
 *
 * @returns whether more is wanted.
 */
function visitMatching<M>(
  node: RetainedNode<M>,
  levels: readonly string[],
  depth: number,
  each: (message: M) => boolean,
): boolean {
  const level = levels[depth]
  if (level === undefined) return node.message === undefined || each(node.message)
  if (level === '#') return visitAll(node, depth, each)
  if (level === '+') {
    return node.everyChild((child) => hidden(child, depth) || visitMatching(child, levels, depth + 1, each))
  }
  const child = node.child(level)
  return child === undefined || visitMatching(child, levels, depth + 1, each)
}

/** A topic may be deeper than any filter, so this walk keeps a list of its own and does not recurse. */
function visitAll<M>(from: RetainedNode<M>, depth: number, each: (message: M) => boolean): boolean {
  if (from.message !== undefined && !each(from.message)) return false
  const waiting: RetainedNode<M>[] = []
  const remember = (child: RetainedNode<M>): boolean => {
    waiting.push(child)
    return true
  }
  from.everyChild((child) => hidden(child, depth) || remember(child))
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.message !== undefined && !each(node.message)) return false
    node.everyChild(remember)
  }
  return true
}

/** A leading wildcard does not match a topic that begins with $ [MQTT-4.7.2-1]. */
function hidden<M>(child: RetainedNode<M>, depth: number): boolean {
  return depth === 0 && child.level.startsWith('$')
}
