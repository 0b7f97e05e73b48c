import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stagedApi } from '../../../support/admin-api.ts'

test('a broker that is not ready says so by its status, and nobody without a token learns why', async () => {
  const api = await stagedApi({ status: { ready: false, reasons: ['the disk /data is full'] } })
  const { status, body } = await api.call('none', 'GET /readyz')
  assert.deepEqual([status, body], [503, { ready: false }])
  assert.match(JSON.stringify((await api.call('operator', 'GET /v1/status')).body), /disk/)
})

test('metrics are text, as scrapers take them', async () => {
  const api = await stagedApi()
  const { headers, body } = await api.call('operator', 'GET /v1/metrics')
  assert.deepEqual([headers.get('content-type'), body], ['text/plain; charset=utf-8', 'bulkhead_up 1\n'])
})

test('whoever asks is told who they are', async () => {
  const api = await stagedApi()
  const { body } = await api.call('tenant-deployer', 'GET /v1/whoami')
  assert.deepEqual(body, { name: 'tenant-deployer', role: 'tenant-deployer', tenant: 'acme' })
})
