import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSecretKey } from '../../../src/base/secret-key.ts'

test('a key is secret by its last word', () => {
  const secret = ['password', 'apiToken', 'client_secret', 'Authorization', 'set-cookie', 'keyPassphrase']
  assert.deepEqual(secret.filter(isSecretKey), secret)
  assert.deepEqual(['passwordFile', 'tokens', 'user', 'secretary'].filter(isSecretKey), [])
})
