import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bulkhead } from '../bulkhead.ts'

test('without an id it needs to know who does what', async () => {
  const { code, stderr } = await bulkhead(['explain', '--client', 'ann'])
  assert.equal(code, 2)
  assert.match(stderr, /ERR_USAGE.*give --client, --action and --topic, or the id of a decision/)
})

test('an action that is none is refused with those that are', async () => {
  const { code, stderr } = await bulkhead(['explain', '--client', 'a', '--action', 'fly', '--topic', 't'])
  assert.notEqual(code, 0)
  assert.match(stderr, /publish, subscribe, receive/)
})
