import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validateConfig } from '../../../sandbox/manifest/validate-config.ts'

const SCHEMA = {
  type: 'object',
  properties: {
    users: { type: 'array', items: { type: 'string' } },
    acl: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    retry: {
      type: 'object',
      properties: { times: { type: 'integer', default: 3 }, waitMs: { type: 'integer', default: 100 } },
      default: { times: 5 },
    },
  },
  required: ['users'],
}

test('defaults are filled in, nested ones too, and the options themselves stay as they were', () => {
  const options = Object.freeze({ users: Object.freeze(['alice']) })
  assert.deepEqual(validateConfig(SCHEMA, options), {
    config: { users: ['alice'], retry: { times: 5, waitMs: 100 } },
  })
  assert.deepEqual(options, { users: ['alice'] })
})

test('every mistake is told at once, with its path, what was expected, and what was meant', () => {
  const options = { usres: [], acl: { alice: ['a', 7], bob: 'b' }, retry: { times: '3' } }
  assert.deepEqual(validateConfig(SCHEMA, options), {
    errors: [
      'option `usres` is unknown; did you mean `users`?',
      'option `acl.alice[1]`: expected a string, got 7',
      'option `acl.bob`: expected a list, got the string "b"',
      'option `retry.times`: expected a whole number, got the string "3"',
      'option `users` is missing: expected a list',
    ],
  })
})

test('a hundred mistakes are told as twenty', () => {
  const users = Array.from({ length: 100 }, (_, index) => index)
  const result = validateConfig(SCHEMA, { users })
  assert.equal('errors' in result && result.errors.length, 20)
})

test('a plugin without a schema takes no options', () => {
  assert.deepEqual(validateConfig(undefined, {}), { config: {} })
  assert.deepEqual(validateConfig(undefined, { a: 1 }), { errors: ['option `a` is unknown'] })
})

test('names that every object has are options like any other, but for __proto__', () => {
  assert.deepEqual(validateConfig(SCHEMA, { users: [], constructor: 1 }), {
    errors: ['option `constructor` is unknown'],
  })
  const acl: unknown = JSON.parse('{"constructor":["a"],"__proto__":["b"]}')
  assert.deepEqual(validateConfig(SCHEMA, { users: [], acl }), {
    errors: ['option `acl.__proto__`: no option may be called so'],
  })
})

test('options over the limit are refused', () => {
  assert.deepEqual(validateConfig(SCHEMA, { users: ['x'.repeat(2000)] }, 1), {
    errors: ['the options have 2 KiB; the limit (configKiB) is 1'],
  })
})
