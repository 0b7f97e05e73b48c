import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as assertInvariant, unreachable } from '../../../src/base/assert.ts'

test('an invariant that holds says nothing, a broken one fails with its words', () => {
  assertInvariant(true, 'one is one')
  assert.throws(() => assertInvariant(false, 'one is one'), /broken invariant: one is one/)
})

test('a member of a union that nobody handles fails with its value', () => {
  assert.throws(() => unreachable({ kind: 'new' } as never), /unexpected {"kind":"new"}/)
})
