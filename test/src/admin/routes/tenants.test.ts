import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stagedApi } from '../../../support/admin-api.ts'

test('a tenant is made with what its settings say, and without any as it is by default', async () => {
  const api = await stagedApi()
  const settings = { match: { usernamePrefix: 'a:' } }
  assert.equal((await api.call('operator', 'POST /v1/tenants', { name: 'a', settings })).status, 201)
  await api.call('operator', 'POST /v1/tenants', { name: 'b' })
  assert.deepEqual(api.asked, [
    'tenants.create("a", {"match":{"usernamePrefix":"a:"}})',
    'tenants.create("b", {})',
  ])
})

test('one that is not there is not found', async () => {
  const api = await stagedApi({ 'tenants.get': undefined })
  assert.equal((await api.call('operator', 'GET /v1/tenants/none')).status, 404)
})

test('it is suspended and resumed, and its quotas are changed one by one', async () => {
  const api = await stagedApi()
  await api.call('operator', 'POST /v1/tenants/acme/suspend')
  await api.call('operator', 'POST /v1/tenants/acme/resume')
  await api.call('operator', 'PUT /v1/tenants/acme/quotas', { connections: 5, bytesPerSec: '1MiB' })
  assert.deepEqual(api.asked, [
    'tenants.suspend("acme", true)',
    'tenants.suspend("acme", false)',
    'tenants.setQuotas("acme", {"connections":5,"bytesPerSec":"1MiB"})',
  ])
})
