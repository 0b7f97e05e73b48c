import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isShadow, shadowName, tenantBehind } from '../../../src/base/shadow-name.ts'

test('what is tried runs under a name that no tenant can have, and leads back to its tenant', () => {
  const name = shadowName('acme')
  // the rule of tenants' names: config/check-shape.ts
  assert.doesNotMatch(name, /^[A-Za-z][\w-]{0,63}$/)
  assert.deepEqual([isShadow(name), tenantBehind(name)], [true, 'acme'])
  assert.deepEqual([isShadow('acme'), tenantBehind('acme')], [false, 'acme'])
})
