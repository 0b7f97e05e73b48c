import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stagedApi } from '../../../support/admin-api.ts'

const api = await stagedApi()

test('a tenant’s token is of that tenant, whatever the request says', async () => {
  api.asked.length = 0
  await api.call('tenant-admin', 'POST /v1/tenants/acme/tokens', { name: 'ci', role: 'tenant-viewer' })
  assert.ok(
    api.asked.includes(
      'tokens.create({"name":"ci","role":"tenant-viewer","tenant":"acme","expiresAt":null})',
    ),
  )
  const { status } = await api.call('tenant-admin', 'POST /v1/tenants/acme/tokens', {
    name: 'ci',
    role: 'tenant-viewer',
    tenant: 'zoo',
  })
  assert.equal(status, 400)
})

test('no tenant’s token makes one of the operator', async () => {
  const body = { name: 'ci', role: 'operator' }
  assert.equal((await api.call('tenant-admin', 'POST /v1/tenants/acme/tokens', body)).status, 400)
  assert.equal((await api.call('operator', 'POST /v1/tenants/acme/tokens', body)).status, 400)
  assert.equal(
    (await api.call('operator', 'POST /v1/tokens', { name: 'ci', role: 'tenant-admin' })).status,
    400,
  )
})

test('a token of no tenant that there is cannot be made', async () => {
  const empty = await stagedApi({ 'tenants.get': undefined })
  const body = { name: 'ci', role: 'tenant-viewer' }
  assert.equal((await empty.call('operator', 'POST /v1/tenants/new/tokens', body)).status, 404)
})

test('what is revoked is the tenant’s own; another one’s is not found', async () => {
  const none = await stagedApi({ 'tokens.revoke': false })
  assert.equal((await none.call('tenant-admin', 'DELETE /v1/tenants/acme/tokens/77')).status, 404)
  assert.deepEqual(none.asked, ['tokens.revoke("acme", "77")'])
})
