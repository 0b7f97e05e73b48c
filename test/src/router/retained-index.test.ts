import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RetainedIndex } from '../../../src/router/retained-index.ts'

function found(index: RetainedIndex<string>, filter: string): string[] {
  const messages: string[] = []
  index.match(filter, (message) => messages.push(message) > 0)
  return messages.sort()
}

test('retained messages are found by a filter as text; what is no filter finds none', () => {
  const index = new RetainedIndex<string>()
  for (const topic of ['a/b', 'a/c', 'd']) index.set(topic, topic)
  assert.deepEqual(found(index, 'a/+'), ['a/b', 'a/c'])
  assert.deepEqual(found(index, 'a/#/b'), [])
  index.delete('a/b')
  assert.deepEqual([found(index, '#'), index.size], [['a/c', 'd'], 2])
})

test('a search ends where it was told to', () => {
  const index = new RetainedIndex<string>()
  for (const topic of ['a', 'b', 'c']) index.set(topic, topic)
  let seen = 0
  index.match('#', () => {
    seen += 1
    return false
  })
  assert.equal(seen, 1)
})
