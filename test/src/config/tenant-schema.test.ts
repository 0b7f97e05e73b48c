import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SINGLE_TENANT_KEYS, TENANT_SCHEMA } from '../../../src/config/tenant-schema.ts'

it('a tenant has each key of a config without tenants, and each but the names of files has a default', () => {
  const properties = TENANT_SCHEMA['properties'] as Record<string, Record<string, unknown>>
  for (const key of SINGLE_TENANT_KEYS) {
    const isFile = key === 'passwords' || key === 'acl'
    assert.ok(properties[key] !== undefined && 'default' in properties[key] !== isFile, key)
  }
})
