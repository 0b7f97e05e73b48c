import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryRetained } from '../../../../src/engine/memory/memory-retained.ts'
import { newIndex } from '../../../support/memory-engine.ts'

test('retained messages are all read within the call, then it says done once', () => {
  const retained = new MemoryRetained<string>(newIndex)
  for (const topic of ['a', 'b']) assert.equal(retained.set('acme', topic, topic), 0)
  const read: string[] = []
  const reader = { retained: (message: string) => read.push(message) > 0, done: () => read.push('done') }
  retained.match('acme', '+', reader)
  assert.deepEqual([...read.slice(0, 2).sort(), ...read.slice(2)], ['a', 'b', 'done'])
  retained.match('nobody', '#', reader)
  assert.deepEqual(read.slice(3), ['done'])
  assert.deepEqual([retained.count('acme'), retained.count('nobody')], [2, 0])
})
