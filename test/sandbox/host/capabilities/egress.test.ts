import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { openClient, PUBLIC_INTERNET, resolveHost } from '../../../../sandbox/host/capabilities/egress.ts'
import { LOOPBACK, serve } from '../../../support/egress-stage.ts'

describe('a host', () => {
  it('is judged strictly, where nothing else is said', async () => {
    for (const literal of ['127.0.0.1', '[::1]', '[::ffff:10.0.0.5]', '[fe80::1]', '169.254.169.254']) {
      await assert.rejects(resolveHost(PUBLIC_INTERNET, literal), { code: 'notAllowed' }, literal)
    }
    assert.deepEqual(await resolveHost(PUBLIC_INTERNET, '93.184.216.34'), ['93.184.216.34'])
    assert.deepEqual(await resolveHost(PUBLIC_INTERNET, '[2606:4700::1111]'), ['2606:4700::1111'])
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

  it('offers elliptic curves alone: a host cannot choose a group that takes the broker long', async () => {
    const mute = createServer().listen(0, '127.0.0.1')
    after(() => mute.close())
    await once(mute, 'listening')
    const { port } = mute.address() as AddressInfo
    const client = await openClient(LOOPBACK, `https://allowed.test:${port}`, ['127.0.0.1'])
    const refused = assert.rejects(client.request({ path: '/', method: 'GET' }))
    const [socket] = (await once(mute, 'connection')) as [Socket]
    const [hello] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    await refused
    await client.destroy()
    const { suites, groups } = offered(hello)
    // TLS 1.3, and ECDHE with what authenticates as it encrypts
    for (const suite of suites) assert.match(suite, /^(13|c0|cc|00ff)/)
    for (const each of ['ccaa', '009e', '009f', '0033', '0039']) assert.ok(!suites.includes(each), each)
    assert.deepEqual(groups, ['001d', '0017', '0018'])
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

/** What a ClientHello has to choose from, in hexadecimal [RFC 8446, 4.1.2]. */
function offered(hello: Buffer): { readonly suites: readonly string[]; readonly groups: readonly string[] } {
  const pairs = (from: number, bytes: number): readonly string[] =>
    hello.toString('hex', from, from + bytes).match(/.{4}/g) ?? []
  // the record's and the message's headers, a version, a random number, the session's identifier
  const suitesAt = 5 + 4 + 2 + 32 + 1 + (hello[43] ?? 0) + 2
  const suiteBytes = hello.readUInt16BE(suitesAt - 2)
  let at = suitesAt + suiteBytes + 1 + (hello[suitesAt + suiteBytes] ?? 0) + 2
  while (hello.readUInt16BE(at) !== SUPPORTED_GROUPS) at += 4 + hello.readUInt16BE(at + 2)
  return { suites: pairs(suitesAt, suiteBytes), groups: pairs(at + 6, hello.readUInt16BE(at + 4)) }
}

const SUPPORTED_GROUPS = 10
