import assert from 'node:assert/strict'
import { it } from 'node:test'
import { DEFAULT_TENANT_QUOTAS, TENANT_QUOTAS } from '../../../src/config/quotas.ts'

it('no stranger gets more by default than the operator gets', () => {
  for (const [name, own] of Object.entries(DEFAULT_TENANT_QUOTAS)) {
    const theirs = TENANT_QUOTAS[name as keyof typeof TENANT_QUOTAS]
    assert.ok(Number.isFinite(theirs) && theirs <= own, name)
  }
})
