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

test('names up to the capacity are decoded once, and are the same string ever after', (context) => {
  const names = new TopicNames(4)
  for (const name of ['a', 'b', 'c', 'd']) {
    const bytes = Buffer.from(name)
    const decoding = context.mock.method(bytes, 'toString')
    names.get(bytes, 0, 1)
    assert.equal(decoding.mock.callCount(), 1)
  }
  for (const name of ['d', 'a', 'c', 'b', 'a']) {
    const bytes = Buffer.from(name)
    const decoding = context.mock.method(bytes, 'toString')
    assert.equal(names.get(bytes, 0, 1), name)
    assert.equal(decoding.mock.callCount(), 0)
  }
})

test('one name more than the capacity pushes out the oldest, and no other', (context) => {
  const names = new TopicNames(4)
  for (const name of ['a', 'b', 'c', 'd', 'e']) get(names, name)
  const bytes = Buffer.from('eba')
  const decoding = context.mock.method(bytes, 'toString')
  names.get(bytes, 0, 1)
  names.get(bytes, 1, 2)
  assert.equal(decoding.mock.callCount(), 0)
  names.get(bytes, 2, 3)
  assert.equal(decoding.mock.callCount(), 1)
})

test('a long name is decoded right, if not kept', () => {
  const name = 'é'.repeat(INTERNED_TOPIC_BYTES)
  const names = new TopicNames(64)
  assert.equal(get(names, name), name)
  assert.equal(get(names, name), name)
})
