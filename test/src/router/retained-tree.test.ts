import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RetainedTree } from '../../../src/router/retained-tree.ts'
import { filterMatches } from '../../../src/router/topic-filter.ts'
import { parsed, topicFilters, topicNames } from '../../support/topics.ts'

function matched(tree: RetainedTree<string>, filter: string, most = Infinity): string[] {
  const found: string[] = []
  tree.match(parsed(filter), (message) => found.push(message) < most)
  return found.sort()
}

test('whatever is set, deleted and asked in turn, the tree answers as a plain map would', () => {
  const step = fc.record({ kind: fc.constantFrom('set', 'set', 'delete'), topic: topicNames })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(topicFilters, { maxLength: 5 }),
      (script, filters) => {
        const tree = new RetainedTree<string>()
        const oracle = new Map<string, string>()
        for (const [turn, { kind, topic }] of script.entries()) {
          const message = `${topic} ${turn}`
          const before = kind === 'set' ? tree.set(topic, message) : tree.delete(topic)
          assert.equal(before, oracle.get(topic))
          if (kind === 'set') oracle.set(topic, message)
          else oracle.delete(topic)
          assert.equal(tree.get(topic), oracle.get(topic))
          assert.equal(tree.size, oracle.size)
        }
        for (const filter of filters) {
          const expected = [...oracle]
            .filter(([topic]) => filterMatches(filter, topic))
            .map(([, message]) => message)
          assert.deepEqual(matched(tree, filter), expected.sort())
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('a leading wildcard does not see topics that begin with $ [MQTT-4.7.2-1]', () => {
  const tree = new RetainedTree<string>()
  tree.set('$SYS/uptime', 'hidden')
  tree.set('a/$b', 'shown')
  assert.deepEqual(matched(tree, '#'), ['shown'])
  assert.deepEqual(matched(tree, '+/+'), ['shown'])
  assert.deepEqual(matched(tree, '$SYS/#'), ['hidden'])
})

test('a topic as deep as the standard allows is kept, found and deleted', () => {
  const tree = new RetainedTree<string>()
  const topic = '/'.repeat(65_535)
  tree.set(topic, 'deep')
  assert.deepEqual(matched(tree, '#'), ['deep'])
  assert.equal(tree.delete(topic), 'deep')
  assert.deepEqual(matched(tree, '#'), [])
})

test('deleting what is not there, or only the way to it, changes nothing', () => {
  const tree = new RetainedTree<string>()
  tree.set('a/b/c', 'kept')
  assert.equal(tree.delete('a/b'), undefined)
  assert.equal(tree.delete('x/y'), undefined)
  assert.equal(tree.get('a/b/c'), 'kept')
  assert.equal(tree.size, 1)
})

test('a walk ends where no more is wanted', () => {
  const tree = new RetainedTree<string>()
  for (const topic of ['a', 'a/b', 'a/c', 'b/c', 'c/d/e']) tree.set(topic, topic)
  for (const filter of ['#', 'a/#', '+/c', '+/+', '+/#']) {
    const all = matched(tree, filter)
    for (let most = 1; most <= all.length; most += 1) {
      const some = matched(tree, filter, most)
      assert.equal(some.length, most, filter)
      assert.ok(some.every((topic) => all.includes(topic)))
    }
  }
})
