import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openClient, PUBLIC_INTERNET, resolveHost } from '../../../../sandbox/host/capabilities/egress.ts'
import { LOOPBACK, serve } from '../../../support/egress-stage.ts'

describe('a host', () => {
  it('is looked up by the system, and judged strictly, where nothing else is said', async () => {
    await assert.rejects(resolveHost(PUBLIC_INTERNET, 'localhost'), { code: 'notAllowed' })
    for (const literal of ['127.0.0.1', '[::1]', '[::ffff:10.0.0.5]', '[fe80::1]', '169.254.169.254']) {
      await assert.rejects(resolveHost(PUBLIC_INTERNET, literal), { code: 'notAllowed' }, literal)
    }
    assert.deepEqual(await resolveHost(PUBLIC_INTERNET, '93.184.216.34'), ['93.184.216.34'])
    assert.deepEqual(await resolveHost(PUBLIC_INTERNET, '[2606:4700::1111]'), ['2606:4700::1111'])
  })

  it('that is looked up by many at once is looked up once', async () => {
    const [one, other] = [PUBLIC_INTERNET.lookup('localhost'), PUBLIC_INTERNET.lookup('localhost')]
    assert.equal(one, other)
    assert.ok((await one).length > 0)
  })

  it('without addresses, or with a flood of them, leads nowhere', async () => {
    for (const addresses of [[], Array.from({ length: 65 }, () => '127.0.0.1')]) {
      const egress = { ...LOOPBACK, lookup: () => Promise.resolve(addresses) }
      await assert.rejects(resolveHost(egress, 'a.test'), { code: 'unavailable' })
    }
  })
})

describe('a client', () => {
  it('connects to the given addresses, whatever its origin is called', async () => {
    const { port, connections } = await serve((request, response) => response.end(request.headers.host))
    const client = await openClient(LOOPBACK, `https://allowed.test:${port}`, ['127.0.0.1'])
    after(() => client.destroy())
    const { body } = await client.request({ path: '/', method: 'GET' })
    assert.equal(await body.text(), `allowed.test:${port}`)
    assert.equal(connections(), 1)
  })

  it('sends nothing over a socket that ended up elsewhere', async () => {
    let asked = 0
    const { port } = await serve(() => (asked += 1))
    // an IP address is never looked up, so that nothing but the look at the socket can find out
    const client = await openClient(LOOPBACK, `https://127.0.0.1:${port}`, ['127.0.0.2'])
    after(() => client.destroy())
    await assert.rejects(client.request({ path: '/', method: 'GET' }), { code: 'notAllowed' })
    assert.equal(asked, 0)
  })

  it('keeps verifying certificates when the environment says not to', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    after(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'])
    const { port } = await serve((_request, response) => response.end(), { names: ['somebody.test'] })
    const client = await openClient(LOOPBACK, `https://allowed.test:${port}`, ['127.0.0.1'])
    after(() => client.destroy())
    await assert.rejects(client.request({ path: '/', method: 'GET' }), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  })
})
