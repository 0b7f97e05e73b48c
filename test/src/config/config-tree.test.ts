import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isPlainMap } from '../../../src/config/config-tree.ts'

it('a map is a plain object, and no list, no null, no object of a class', () => {
  assert.deepEqual([{}, Object.create(null)].map(isPlainMap), [true, true])
  assert.deepEqual([[], null, 'a', new Map(), new Date()].map(isPlainMap), [
    false,
    false,
    false,
    false,
    false,
  ])
})
