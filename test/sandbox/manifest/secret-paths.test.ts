import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secretPaths } from '../../../sandbox/manifest/secret-paths.ts'

test('secrets are found in maps, lists and properties; a secret whole needs no parts', () => {
  const secret = { type: 'string', secret: true }
  assert.deepEqual(
    secretPaths({
      type: 'object',
      properties: {
        plain: { type: 'string' },
        token: secret,
        users: { type: 'object', additionalProperties: secret },
        servers: { type: 'array', items: { type: 'object', properties: { key: secret } } },
        vault: { type: 'object', secret: true, properties: { key: secret } },
      },
    }),
    [['token'], ['users', '*'], ['servers', '*', 'key'], ['vault']],
  )
  assert.deepEqual(secretPaths(undefined), [])
})
