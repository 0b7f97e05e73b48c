import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orderedValues } from '../../../src/sources/source.ts'

test('values stand in the order of their parameters, and all must be given', () => {
  assert.deepEqual(orderedValues(['b', 'a'], 'acme', { a: 1, b: null }), [null, 1])
  assert.deepEqual(orderedValues([], 'acme', {}), [])
  assert.deepEqual(orderedValues(['a', 'b'], 'acme', { a: 1 }), {
    failure: 'invalid',
    why: 'parameters: b is missing',
  })
  assert.deepEqual(orderedValues(['a'], 'acme', { a: 1, c: 2 }), {
    failure: 'invalid',
    why: 'parameters: must be a',
  })
})

test('the tenant is filled in, and nobody may say who it is', () => {
  assert.deepEqual(orderedValues(['tenant', 'a'], 'acme', { a: 1 }), ['acme', 1])
  assert.ok('failure' in orderedValues(['tenant'], 'acme', { tenant: 'other' }))
})

test('a name that every object has is no parameter', () => {
  assert.ok('failure' in orderedValues(['constructor'], 'acme', {}))
  assert.ok('failure' in orderedValues(['__proto__'], 'acme', {}))
})
