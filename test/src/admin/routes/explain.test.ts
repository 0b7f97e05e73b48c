import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stagedApi } from '../../../support/admin-api.ts'

const LINE = 'GET /v1/tenants/acme/explain?client=ann&action=publish&topic=a%2Fb'

test('a question is about the tenant of the path, with the defaults of MQTT', async () => {
  const api = await stagedApi()
  await api.call('tenant-viewer', LINE)
  const [asked = ''] = api.asked
  assert.deepEqual(JSON.parse(asked.slice('explain('.length, -1)), {
    tenant: 'acme',
    client: 'ann',
    action: 'publish',
    topic: 'a/b',
    qos: 0,
    retain: false,
  })
})

test('a tenant in the query is none of the question', async () => {
  const api = await stagedApi()
  assert.equal((await api.call('tenant-viewer', `${LINE}&tenant=zoo`)).status, 400)
})

for (const [what, line, answer, status] of [
  ['a client that is missing', LINE.replace('client=ann&', ''), {}, 400],
  ['an action that is none', LINE.replace('publish', 'fly'), {}, 400],
  ['a topic that is none', LINE, 'invalid', 400],
  ['a client that is not known', LINE, undefined, 404],
] as const)
  test(`${what}: ${status}`, async () => {
    const api = await stagedApi({ explain: answer })
    assert.equal((await api.call('tenant-viewer', line)).status, status)
  })
