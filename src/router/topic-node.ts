import { mapKey } from '../base/map-key.ts'

/**
 * A node of a topic tree. Most nodes have no child or one, and a million of them must fit: a single child
 * hangs here bare, and a Map is made for the second.
 */
export abstract class TopicNode<N extends TopicNode<N>> {
  /** The level of the topic that leads here from the parent. */
  readonly level: string
  #children: N | Map<string, N> | null = null

  constructor(level: string) {
    this.level = level
  }

  get childless(): boolean {
    return this.#children === null
  }

  child(level: string): N | undefined {
    const children = this.#children
    if (children === null) return undefined
    if (children instanceof Map) return children.get(mapKey(level))
    return children.level === level ? children : undefined
  }

  /** @param child of a level that no other child has. */
  adopt(child: N): void {
    const children = this.#children
    if (children === null) this.#children = child
    else if (children instanceof Map) children.set(mapKey(child.level), child)
    else
      this.#children = new Map([
        [mapKey(children.level), children],
        [mapKey(child.level), child],
      ])
  }

  disown(level: string): void {
    const children = this.#children
    if (!(children instanceof Map)) this.#children = null
    else if (children.delete(mapKey(level)) && children.size === 0) this.#children = null
  }

  /** Visits child by child as long as `visit` says so. @returns whether it said so of all. */
  everyChild(visit: (child: N) => boolean): boolean {
    const children = this.#children
    if (children === null) return true
    if (!(children instanceof Map)) return visit(children)
    for (const child of children.values()) if (!visit(child)) return false
    return true
  }
}
