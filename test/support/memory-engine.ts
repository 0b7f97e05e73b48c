import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import type { RetainedIndex } from '../../src/engine/memory/memory-retained.ts'
import { RetainedTree } from '../../src/router/retained-tree.ts'
import { parsed } from './topics.ts'

/** A memory engine with the router's retained tree as its index, as the composition root makes it. */
export function newMemoryEngine<M, S>(): MemoryEngine<M, S> {
  return new MemoryEngine<M, S>(newIndex)
}

export function newIndex<M>(): RetainedIndex<M> {
  const tree = new RetainedTree<M>()
  return {
    set: (topic, message) => void tree.set(topic, message),
    delete: (topic) => void tree.delete(topic),
    match: (filter, each) => tree.match(parsed(filter), each),
    get size() {
      return tree.size
    },
  }
}
