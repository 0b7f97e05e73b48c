import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stagedApi } from '../../../support/admin-api.ts'

test('a password is taken, answered by nothing, and in no record of the audit', async () => {
  const api = await stagedApi()
  const { status } = await api.call('tenant-admin', 'PUT /v1/tenants/acme/users/a%2Fb', { password: 'hush' })
  assert.equal(status, 204)
  assert.deepEqual(api.asked, ['access.setUser("acme", "a/b", "hush")'])
  assert.doesNotMatch(JSON.stringify(api.changes), /hush/)
})

test('one that is empty, or too long, is refused; a user that is not there is not deleted', async () => {
  const api = await stagedApi({ 'access.deleteUser': false })
  for (const password of ['', 'x'.repeat(257)])
    assert.equal((await api.call('tenant-admin', 'PUT /v1/tenants/acme/users/a', { password })).status, 400)
  assert.equal((await api.call('tenant-admin', 'DELETE /v1/tenants/acme/users/a')).status, 404)
})

test('rules are replaced together', async () => {
  const api = await stagedApi({ 'access.rules': ['topic read a'] })
  const { body } = await api.call('tenant-admin', 'PUT /v1/tenants/acme/rules', { rules: ['topic read a'] })
  assert.deepEqual(body, { rules: ['topic read a'] })
})
