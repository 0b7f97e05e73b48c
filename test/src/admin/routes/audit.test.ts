import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stagedApi } from '../../../support/admin-api.ts'

test('a tenant is told of itself alone; the operator of all', async () => {
  const api = await stagedApi()
  await api.call('tenant-viewer', 'GET /v1/tenants/acme/audit?limit=3')
  await api.call('operator', 'GET /v1/audit')
  assert.deepEqual(api.asked, ['audit({"tenant":"acme","limit":3})', 'audit({"limit":100})'])
})

test('usage is of the last day, unless times are given; what is no time is refused', async () => {
  const api = await stagedApi()
  await api.call('tenant-viewer', 'GET /v1/tenants/acme/usage?from=2026-01-01&to=2026-01-02T00:00:00Z')
  assert.deepEqual(api.asked, ['usage("acme", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z")'])
  assert.equal((await api.call('tenant-viewer', 'GET /v1/tenants/acme/usage')).status, 200)
  assert.equal((await api.call('tenant-viewer', 'GET /v1/tenants/acme/usage?from=yesterday')).status, 400)
})
