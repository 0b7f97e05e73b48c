import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import { INTERNED_TOPIC_BYTES } from '../../../src/base/limits.ts'
import { TopicNames } from '../../../src/codec/topic-names.ts'
import { topicName } from './arbitrary.ts'

function get(names: TopicNames, name: string): string {
  const bytes = Buffer.from(`<${name}>`)
  return names.get(bytes, 1, bytes.length - 1)
}

/** How many bytes of heap a thousand look-ups of the same name allocate. */
function heapCost(names: TopicNames, bytes: Buffer): number {
  for (let i = 0; i < 20_000; i++) names.get(bytes, 0, bytes.length)
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 1000; i++) names.get(bytes, 0, bytes.length)
  return process.memoryUsage().heapUsed - before
}

test('a name is decoded whatever names came before it, and however small the cache', () => {
  const names = new TopicNames(4)
  fc.assert(fc.property(topicName, (name) => assert.equal(get(names, name), name)))
})

test('names that differ in their last byte or their length are not confused', () => {
  const names = new TopicNames(64)
  const similar = ['a', 'aa', 'ab', 'ba', 'aaa', 'a/', '']
  for (let round = 0; round < 3; round++) {
    for (const name of similar) assert.equal(get(names, name), name)
  }
})

test('a known name costs no memory: it is the same string again', () => {
  const names = new TopicNames(64)
  const short = Buffer.from('sensors/'.repeat(30))
  const long = Buffer.from('sensors/'.repeat(33))
  assert.ok(short.length <= INTERNED_TOPIC_BYTES && long.length > INTERNED_TOPIC_BYTES)
  // the long one is decoded anew each time, which shows that this measures what it means to
  assert.ok(heapCost(names, long) > 1000 * long.length)
  assert.ok(heapCost(names, short) < 100 * short.length)
})

test('a long name is decoded right, if not kept', () => {
  const name = 'é'.repeat(INTERNED_TOPIC_BYTES)
  assert.equal(get(new TopicNames(64), name), name)
})
