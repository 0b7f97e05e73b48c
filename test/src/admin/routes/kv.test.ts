import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stagedApi } from '../../../support/admin-api.ts'

test('a plugin’s keys are listed by prefix, and deleted one by one', async () => {
  const api = await stagedApi({ 'clients.kv': [{ key: 'user/a', value: '1', version: 3 }] })
  const { body } = await api.call('tenant-viewer', 'GET /v1/tenants/acme/kv/gate?prefix=user%2F')
  assert.deepEqual(body, { entries: [{ key: 'user/a', value: '1', version: 3 }] })
  await api.call('tenant-deployer', 'DELETE /v1/tenants/acme/kv/gate/user%2Fa')
  assert.deepEqual(api.asked, [
    'clients.kv("acme", "gate", "user/", )',
    'clients.deleteKv("acme", "gate", "user/a")',
  ])
})

test('a key that is not there is not deleted: 404', async () => {
  const api = await stagedApi({ 'clients.deleteKv': false })
  assert.equal((await api.call('tenant-deployer', 'DELETE /v1/tenants/acme/kv/gate/x')).status, 404)
})
