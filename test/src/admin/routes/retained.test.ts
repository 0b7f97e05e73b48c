import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stagedApi } from '../../../support/admin-api.ts'

test('retained messages are found by filter; one that is none is refused', async () => {
  const api = await stagedApi({ 'clients.retained': [{ topic: 'a', qos: 1, size: 2, payload64: 'aGk=' }] })
  const { body } = await api.call('tenant-viewer', 'GET /v1/tenants/acme/retained?filter=a%2F%23')
  assert.deepEqual(body, { retained: [{ topic: 'a', qos: 1, size: 2, payload64: 'aGk=' }] })
  assert.deepEqual(api.asked, ['clients.retained("acme", "a/#", 100)'])
  const wrong = await stagedApi({ 'clients.retained': 'invalid' })
  assert.equal((await wrong.call('tenant-viewer', 'GET /v1/tenants/acme/retained?filter=a%23')).status, 400)
})

test('one is deleted by its topic, which is encoded', async () => {
  const api = await stagedApi()
  assert.equal((await api.call('tenant-deployer', 'DELETE /v1/tenants/acme/retained/a%2Fb')).status, 204)
  assert.deepEqual(api.asked, ['clients.deleteRetained("acme", "a/b")'])
})
