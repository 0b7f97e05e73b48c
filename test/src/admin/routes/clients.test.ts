import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stagedApi } from '../../../support/admin-api.ts'

test('clients are listed from behind the one that was last, a page at most', async () => {
  const api = await stagedApi()
  await api.call('tenant-viewer', 'GET /v1/tenants/acme/clients?after=a%2Fb')
  await api.call('tenant-viewer', 'GET /v1/tenants/acme/clients?limit=5')
  assert.deepEqual(api.asked, ['clients.sessions("acme", "a/b", 100)', 'clients.sessions("acme", , 5)'])
})

test('a client identifier may have any characters, encoded', async () => {
  const api = await stagedApi({ 'clients.session': undefined })
  const { status, body } = await api.call(
    'tenant-viewer',
    'GET /v1/tenants/acme/clients/a%2F..%2Fb%20%E2%82%AC',
  )
  assert.equal(status, 404)
  assert.match(JSON.stringify(body), /a\/\.\.\/b €/)
  assert.deepEqual(api.asked, ['clients.session("acme", "a/../b €")'])
})

test('while too much is read already, it is said so: 503', async () => {
  const api = await stagedApi({ 'clients.sessions': 'busy', 'clients.retained': 'busy' })
  assert.equal((await api.call('tenant-viewer', 'GET /v1/tenants/acme/clients')).status, 503)
  assert.equal((await api.call('tenant-viewer', 'GET /v1/tenants/acme/retained')).status, 503)
})
