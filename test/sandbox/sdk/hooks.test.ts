import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASKERS, HOOKS, TELLERS } from '../../../sandbox/sdk/hooks.ts'

test('a hook that tells begins with on, one that asks does not, and no name is there twice', () => {
  assert.ok(TELLERS.every((name) => /^on[A-Z]/.test(name)))
  assert.ok(!ASKERS.some((name) => name.startsWith('on')))
  assert.equal(new Set(HOOKS).size, ASKERS.length + TELLERS.length)
})
