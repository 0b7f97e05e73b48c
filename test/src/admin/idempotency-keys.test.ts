import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { IdempotencyKeys } from '../../../src/admin/idempotency-keys.ts'
import type { Caller, Reply } from '../../../src/admin/route.ts'
import { ADMIN } from '../../../src/base/limits.ts'

const ANN: Caller = { role: 'operator', tenant: null, name: 'ann' }
const BOB: Caller = { role: 'operator', tenant: null, name: 'bob' }

function request(
  key: string | undefined,
  url = '/v1/tenants',
  body: unknown = { name: 'a' },
): FastifyRequest {
  const headers = key === undefined ? {} : { 'idempotency-key': key }
  return { headers, method: 'POST', url, body } as unknown as FastifyRequest
}

const nothing = (): Promise<Reply> => Promise.resolve({})

describe('a request with an Idempotency-Key', () => {
  it('is done once, however often it is sent; another caller’s of the same key is another one', async () => {
    const keys = new IdempotencyKeys()
    let done = 0
    const work = (): Promise<Reply> => Promise.resolve({ body: (done += 1) })
    const first = await keys.once(request('k'), ANN, work)
    assert.deepEqual(await keys.once(request('k'), ANN, work), first)
    assert.deepEqual([(await keys.once(request('k'), BOB, work)).body, done], [2, 2])
    await keys.once(request(undefined), ANN, work)
    assert.equal(done, 3)
  })

  it('is no other request’s', async () => {
    const keys = new IdempotencyKeys()
    await keys.once(request('k'), ANN, nothing)
    await assert.rejects(keys.once(request('k', '/v1/tokens'), ANN, nothing), { status: 409 })
    await assert.rejects(keys.once(request('k', '/v1/tenants', { name: 'b' }), ANN, nothing), { status: 409 })
  })

  it('is refused while the first one goes on, and tried anew when that has failed', async () => {
    const keys = new IdempotencyKeys()
    const { promise, reject } = Promise.withResolvers<Reply>()
    const first = keys.once(request('k'), ANN, () => promise)
    await assert.rejects(
      keys.once(request('k'), ANN, () => promise),
      { status: 409 },
    )
    reject(new Error('failed'))
    await assert.rejects(first, /failed/)
    assert.deepEqual(await keys.once(request('k'), ANN, () => Promise.resolve({ status: 201 })), {
      status: 201,
    })
  })

  it('is forgotten when more are remembered than may be, the oldest first', async () => {
    const keys = new IdempotencyKeys()
    let done = 0
    const work = (): Promise<Reply> => Promise.resolve({ body: (done += 1) })
    for (let n = 0; n <= ADMIN.idempotencyKeys; n += 1) await keys.once(request(`k${n}`), ANN, work)
    await keys.once(request(`k${ADMIN.idempotencyKeys}`), ANN, work)
    assert.equal(done, ADMIN.idempotencyKeys + 1)
    await keys.once(request('k0'), ANN, work)
    assert.equal(done, ADMIN.idempotencyKeys + 2)
  })

  for (const key of ['', 'a b', 'x'.repeat(65), 'ключ'])
    it(`is refused where the key is ${JSON.stringify(key.slice(0, 10))}`, async () => {
      const keys = new IdempotencyKeys()
      await assert.rejects(
        keys.once(request(key), ANN, () => Promise.resolve({})),
        { status: 400 },
      )
    })
})
