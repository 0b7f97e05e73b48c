import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../../../sandbox/guest/deep-freeze.ts'

test('freezing reaches every level', () => {
  const config = deepFreeze({ a: { b: [{ c: 1 }] } })
  assert.ok(Object.isFrozen(config.a.b[0]))
})
