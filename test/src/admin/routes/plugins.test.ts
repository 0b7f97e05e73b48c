import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BulkheadError } from '../../../../src/base/errors.ts'
import { ADMIN } from '../../../../src/base/limits.ts'
import { stagedApi } from '../../../support/admin-api.ts'

const AT = '/v1/tenants/acme/plugins/gate'

test('an upload may be as large as uploads may, and no larger', async () => {
  const api = await stagedApi()
  const bundle = 'x'.repeat(2 * ADMIN.bodyBytes)
  assert.equal((await api.call('tenant-deployer', `POST ${AT}/versions`, { bundle })).status, 201)
  const bomb = `{"bundle":"${'x'.repeat(ADMIN.uploadBytes)}"}`
  assert.equal((await api.call('tenant-deployer', `POST ${AT}/versions`, bomb)).status, 413)
  assert.equal(api.asked.length, 1)
})

test('what cannot be taken says why, under its code', async () => {
  const api = await stagedApi({ 'plugins.upload': new BulkheadError('ERR_PLUGIN_UPLOAD', 'it imports fs') })
  const { status, body } = await api.call('tenant-deployer', `POST ${AT}/versions`, { bundle: '{}' })
  assert.deepEqual([status, (body as { code: string }).code], [422, 'ERR_PLUGIN_UPLOAD'])
})

test('a digest is one: of the right length, in small letters', async () => {
  const api = await stagedApi()
  for (const digest of ['abc', 'A'.repeat(64), `${'a'.repeat(63)}/`])
    assert.equal((await api.call('tenant-deployer', `POST ${AT}/deploy`, { digest })).status, 400)
  assert.deepEqual(api.asked, [])
})

test('a plugin that is not there is not found', async () => {
  const api = await stagedApi({ 'plugins.get': undefined })
  assert.equal((await api.call('tenant-viewer', `GET ${AT}`)).status, 404)
})
