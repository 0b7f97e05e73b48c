import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptied } from '../../../src/base/emptied.ts'

test('it waits until the last is gone, and no longer than it may', async () => {
  const left = new Set([1])
  setTimeout(() => left.clear(), 15)
  await emptied(left, 60_000)
  assert.equal(left.size, 0)
  left.add(2)
  await emptied(left, 20)
  assert.equal(left.size, 1)
})
