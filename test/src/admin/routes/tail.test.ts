import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stagedApi } from '../../../support/admin-api.ts'

const LINE = 'GET /v1/tenants/acme/tail'

test('what happens is told as server-sent events, of the tenant of the path', async () => {
  const api = await stagedApi()
  const { headers, body } = await api.call('tenant-viewer', LINE)
  assert.match(headers.get('content-type') ?? '', /^text\/event-stream/)
  assert.equal(body, 'event: log\ndata: {}\n\n')
  assert.deepEqual(api.asked, ['tail("acme")'])
})

test('where too many listen already, the next one is told so', async () => {
  const api = await stagedApi({ tail: null })
  assert.equal((await api.call('tenant-viewer', LINE)).status, 429)
})
