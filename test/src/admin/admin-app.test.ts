import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { test } from 'node:test'
import { BulkheadError } from '../../../src/base/errors.ts'
import { ADMIN } from '../../../src/base/limits.ts'
import { stagedApi } from '../../support/admin-api.ts'
import { OPENAPI, openApiText } from '../../support/openapi.ts'

const api = await stagedApi()
const problem = (body: unknown): { status: number; detail: string; code?: string } =>
  body as { status: number; detail: string; code?: string }

test('a refusal is a problem with its status, what to do, and the registry’s code [RFC 9457]', async () => {
  const refused = await stagedApi({
    'tenants.create': new BulkheadError('ERR_CONFLICT', 'there is one already'),
  })
  const { status, headers, body } = await refused.call('operator', 'POST /v1/tenants', { name: 'a' })
  assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8')
  assert.deepEqual(
    [status, body],
    [
      409,
      {
        type: 'about:blank',
        title: 'Conflict',
        status: 409,
        detail: 'there is one already',
        code: 'ERR_CONFLICT',
      },
    ],
  )
})

test('a fault of the broker’s own is logged, and not told', async () => {
  const broken = await stagedApi({ 'tenants.list': new Error('/etc/passwd: secret') })
  const { status, body } = await broken.call('operator', 'GET /v1/tenants')
  assert.equal(status, 500)
  assert.doesNotMatch(JSON.stringify(body), /secret/)
  assert.equal(broken.failures.length, 1)
})

for (const [what, line, body, status, detail] of [
  ['a body that is no JSON', 'POST /v1/tenants', '{"name":', 400, /JSON|Unexpected/],
  ['a key that is not known', 'POST /v1/tenants', { name: 'a', plan: 1 }, 400, /additional properties/],
  ['a type that is another', 'POST /v1/tenants', { name: 7 }, 400, /must be string/],
  [
    'a body that would change what objects are',
    'POST /v1/tenants',
    '{"name":"a","__proto__":{}}',
    400,
    /not valid JSON/,
  ],
  ['a body that is too large', 'POST /v1/tenants', { name: 'x'.repeat(ADMIN.bodyBytes) }, 413, /too large/],
  [
    'a query that is not known',
    'GET /v1/tenants/acme/clients?limits=1',
    undefined,
    400,
    /additional properties/,
  ],
  ['more than a page', 'GET /v1/tenants/acme/clients?limit=9999', undefined, 400, /<= 100/],
  ['a path that is none', 'GET /v2/tenants', undefined, 404, /no such path/],
  ['a method that is none', 'DELETE /v1/tenants', undefined, 404, /no such path/],
] as const) {
  test(`${what} is refused before the broker is asked: ${status}`, async () => {
    api.asked.length = 0
    const answer = await api.call('operator', line, body)
    assert.equal(answer.status, status)
    assert.match(problem(answer.body).detail, detail)
    assert.deepEqual(api.asked, [])
  })
}

test('a body of another type is none', async () => {
  const answer = await api.call('operator', 'POST /v1/tenants', 'name=a', { 'content-type': 'text/plain' })
  assert.equal(answer.status, 415)
})

test('nothing that is answered is kept, sniffed or framed', async () => {
  const { headers } = await api.call('none', 'GET /livez')
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.equal(headers.get('access-control-allow-origin'), null)
})

for (const authorization of [
  'Bearer',
  'Basic b3BlcmF0b3I=',
  'Bearer operator x',
  'operator',
  'Bearer OPERATOR',
]) {
  test(`${authorization} is nobody’s token, and the answer says how one is sent`, async () => {
    const { status, headers } = await api.call('none', 'GET /v1/whoami', undefined, { authorization })
    assert.equal(status, 401)
    assert.equal(headers.get('www-authenticate'), 'Bearer realm="bulkhead"')
  })
}

test('a tenant is what it is called: no encoding, case or dots lead to another', async () => {
  for (const name of ['ACME', 'acme%2F', 'acme%00', '%61cme%2e', 'acme%20', 'zoo%2F..%2Facme', 'ac%D0%BCe']) {
    const { status } = await api.call('tenant-admin', `GET /v1/tenants/${name}/clients`)
    assert.equal(status, 404, name)
  }
})

test('a path that climbs is no way around the role', async () => {
  // fetch would tidy it up
  const asking = request(`${api.url}/v1/tenants/acme/../../tokens`, {
    path: '/v1/tenants/acme/../../tokens',
    headers: { authorization: 'Bearer tenant-admin' },
  })
  asking.end()
  const { promise, resolve } = Promise.withResolvers<number>()
  asking.on('response', (response) => {
    response.resume()
    resolve(response.statusCode ?? 0)
  })
  assert.equal(await promise, 404)
})

test('who guesses tokens is made to wait; who has one is not', async () => {
  const few = await stagedApi({}, { requestsPerMin: 100, failedLoginsPerMin: 3 })
  const statuses = []
  for (let n = 0; n < 5; n += 1) statuses.push((await few.call('none', 'GET /v1/whoami')).status)
  assert.deepEqual(statuses, [401, 401, 401, 429, 429])
  assert.equal((await few.call('operator', 'GET /v1/whoami')).status, 200)
})

test('one token’s requests are bounded, and no other’s by that', async () => {
  const few = await stagedApi({}, { requestsPerMin: 2, failedLoginsPerMin: 3 })
  const statuses = []
  for (let n = 0; n < 3; n += 1) statuses.push((await few.call('operator', 'GET /v1/whoami')).status)
  assert.deepEqual(statuses, [200, 200, 429])
  assert.equal((await few.call('tenant-viewer', 'GET /v1/whoami')).status, 200)
})

test('a request that says it has a JSON body, and has none, is one without', async () => {
  const headers = { 'content-type': 'application/json' }
  const { status } = await api.call('operator', 'POST /v1/tenants/acme/suspend', undefined, headers)
  assert.equal(status, 200)
})

test('an ETag is the revision, and a change of another revision is refused: 412', async () => {
  const { headers } = await api.call('operator', 'GET /v1/tenants/acme')
  assert.equal(headers.get('etag'), '"7"')
  const change = (tag: string) => api.call('operator', 'PUT /v1/tenants/acme', {}, { 'if-match': tag })
  assert.deepEqual([(await change('"7"')).status, (await change('"6"')).status], [200, 412])
  assert.equal((await change('seven')).status, 400)
})

test('the description of the API is the one that is checked in; else run node test/support/openapi.ts', async () => {
  assert.equal(await openApiText(), readFileSync(OPENAPI, 'utf8'))
  const { body } = await api.call('none', 'GET /v1/openapi.json')
  assert.deepEqual(body, JSON.parse(await openApiText()))
})
