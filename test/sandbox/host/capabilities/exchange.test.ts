import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { type Exchange, exchange } from '../../../../sandbox/host/capabilities/exchange.ts'
import { LOOPBACK, serve } from '../../../support/egress-stage.ts'

const NEVER = new AbortController().signal

function request(origin: string, addresses: readonly string[]): Exchange {
  const { ca, timeoutMs } = LOOPBACK
  const plain = { path: '/', method: 'GET', headers: {}, body: undefined, mostBytes: 1024 }
  return { ...plain, origin, addresses, timeoutMs, ca }
}

describe('an exchange', () => {
  it('connects to the given addresses, whatever its origin is called', async () => {
    const { port, connections } = await serve((request, response) => response.end(request.headers.host))
    const sent = request(`https://allowed.test:${port}`, ['127.0.0.1'])
    const { body } = await exchange(sent, NEVER)
    assert.equal(Buffer.from(body).toString(), `allowed.test:${port}`)
    assert.equal(connections(), 1)
  })

  it('sends nothing over a socket that ended up elsewhere', async () => {
    let asked = 0
    const { port } = await serve(() => (asked += 1))
    // an IP address is never looked up, so that nothing but the look at the socket can find out
    const sent = request(`https://127.0.0.1:${port}`, ['127.0.0.2'])
    await assert.rejects(exchange(sent, NEVER), { code: 'notAllowed' })
    assert.equal(asked, 0)
  })

  it('offers elliptic curves alone: a host cannot choose a group that takes the broker long', async () => {
    const mute = createServer().listen(0, '127.0.0.1')
    after(() => mute.close())
    await once(mute, 'listening')
    const { port } = mute.address() as AddressInfo
    const refused = assert.rejects(exchange(request(`https://allowed.test:${port}`, ['127.0.0.1']), NEVER))
    const [socket] = (await once(mute, 'connection')) as [Socket]
    const [hello] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    await refused
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
    const sent = request(`https://allowed.test:${port}`, ['127.0.0.1'])
    await assert.rejects(exchange(sent, NEVER), {
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
