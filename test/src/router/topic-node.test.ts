import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HASHED_CHARS } from '../../../src/base/limits.ts'
import { TopicNode } from '../../../src/router/topic-node.ts'

const LONG = 'x'.repeat(HASHED_CHARS + 1)

class Node extends TopicNode<Node> {}

test('whatever is adopted and disowned, a node knows its children as a map would', () => {
  const step = fc.record({ adopts: fc.boolean(), level: fc.constantFrom('', 'a', 'b', LONG) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (script) => {
      const parent = new Node('')
      const oracle = new Map<string, Node>()
      for (const { adopts, level } of script) {
        if (adopts && !oracle.has(level)) {
          const child = new Node(level)
          parent.adopt(child)
          oracle.set(level, child)
        } else if (oracle.delete(level)) parent.disown(level)
        assert.equal(parent.child(level), oracle.get(level))
        assert.equal(parent.childless, oracle.size === 0)
        const seen = new Set<Node>()
        assert.equal(
          parent.everyChild((child) => seen.add(child).size > 0),
          true,
        )
        assert.deepEqual(seen, new Set(oracle.values()))
        let visits = 0
        const isEmpty = parent.everyChild(() => {
          visits += 1
          return false
        })
        assert.deepEqual([isEmpty, visits], [oracle.size === 0, Math.min(oracle.size, 1)])
      }
    }),
  )
})
