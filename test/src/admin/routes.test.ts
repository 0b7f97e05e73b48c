import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BulkheadError } from '../../../src/base/errors.ts'
import { type ControlPorts, type ExplainRequest, route } from '../../../src/admin/routes.ts'

/** Ports that remember what they were asked. */
function ports(asked: ExplainRequest[] = []): ControlPorts {
  return {
    status: () => ({ ready: true }),
    explain: (request) => {
      asked.push(request)
      if (request.client === 'nobody') return Promise.resolve(undefined)
      return Promise.resolve(request.topic === '+x' ? 'invalid' : { explained: true })
    },
    decision: (id) => (id === 'k-1' ? { id } : undefined),
    refusals: ({ tenant }) => (tenant === 'acme' ? [{ id: 'k-1' }] : undefined),
    stop: (drainSec) => drainSec ?? 30,
    reload: (isDry) =>
      isDry
        ? Promise.resolve({ isApplied: false })
        : Promise.reject(new BulkheadError('ERR_CONFIG_INVALID', 'b.yaml:1:1')),
  }
}

const EXPLAIN = '/v1/explain?tenant=acme&client=ann&action=publish&topic=a%2Fb'

test('a question is read from the query, with defaults', async () => {
  const asked: ExplainRequest[] = []
  assert.deepEqual(await route(ports(asked), 'GET', EXPLAIN), { status: 200, body: { explained: true } })
  await route(ports(asked), 'GET', `${EXPLAIN}&qos=2&retain=true`)
  const question = { tenant: 'acme', client: 'ann', action: 'publish', topic: 'a/b' }
  assert.deepEqual(asked, [
    { ...question, qos: 0, retain: false },
    { ...question, qos: 2, retain: true },
  ])
})

for (const [what, url, status, detail] of [
  ['a client that is missing', '/v1/explain?tenant=acme&action=publish&topic=a', 400, 'client: is missing'],
  ['an action that is none', EXPLAIN.replace('publish', 'fly'), 400, 'action: must be one of'],
  ['a QoS that is none', `${EXPLAIN}&qos=3`, 400, 'qos: must be'],
  ['a topic that is none', EXPLAIN.replace('a%2Fb', '%2Bx'), 400, 'is no topic name'],
  ['a client that is not known', EXPLAIN.replace('ann', 'nobody'), 404, 'no session of a client nobody'],
  ['a decision that is gone', '/v1/decisions/k-2', 404, 'no longer, kept'],
  ['a tenant that is none', '/v1/refusals?tenant=zoo', 404, 'there is no tenant zoo'],
  ['another path', '/v1/decisions/../../etc/passwd', 404, 'there are /v1/status, /v1/explain'],
  ['a path that is none', 'http://[', 400, 'no path'],
] as const) {
  test(`${what}: ${status}, and what to do`, async () => {
    const { status: got, body } = await route(ports(), 'GET', url)
    assert.equal(got, status)
    assert.ok((body as { detail: string }).detail.includes(detail), JSON.stringify(body))
  })
}

test('refusals and decisions are looked up', async () => {
  assert.deepEqual((await route(ports(), 'GET', '/v1/decisions/k-1')).body, { id: 'k-1' })
  assert.deepEqual((await route(ports(), 'GET', '/v1/refusals?tenant=acme')).body, {
    refusals: [{ id: 'k-1' }],
  })
})

test('nothing is changed here', async () => {
  assert.equal((await route(ports(), 'POST', EXPLAIN)).status, 405)
})

test('GET /v1/status says how the broker is', async () => {
  assert.deepEqual(await route(ports(), 'GET', '/v1/status'), { status: 200, body: { ready: true } })
})

const told = (url: string, method = 'POST') => route(ports(), method, url)

test('stopping is told by POST alone, over a bounded time; who says none gets what is configured', async () => {
  assert.deepEqual(await told('/v1/stop'), { status: 202, body: { drainSec: 30 } })
  assert.deepEqual(await told('/v1/stop?drainSec=0'), { status: 202, body: { drainSec: 0 } })
  for (const written of ['', '-1', '1.5', '3601', 'x', '0x10 ']) {
    const { status, body } = await told(`/v1/stop?drainSec=${written}`)
    assert.deepEqual([status, /whole number from 0 to 3600/.test(JSON.stringify(body))], [400, true], written)
  }
  assert.equal((await told('/v1/stop', 'GET')).status, 404)
  assert.equal((await told('/v1/status')).status, 405)
})

test('a config is read anew by POST; what is wrong with it is the answer', async () => {
  assert.deepEqual(await told('/v1/reload?dryRun=true'), { status: 200, body: { isApplied: false } })
  const { status, body } = await told('/v1/reload')
  assert.deepEqual([status, (body as { detail: string }).detail], [422, 'b.yaml:1:1'])
  assert.equal((await told('/v1/reload', 'GET')).status, 404)
})
