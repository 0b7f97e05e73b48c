import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, describe, it } from 'node:test'
import { rootCertificates } from 'node:tls'
import { isPublicAddress } from '../../../../sandbox/host/capabilities/egress-address.ts'
import { bodyOf, Fetcher, serve } from '../../../support/egress-stage.ts'

describe('a fetch', () => {
  it('brings status, headers, body and where they came from', async () => {
    const { port } = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        response.writeHead(201, { 'X-Answer': ['one', 'two'], 'set-cookie': 'session=1' })
        response.end(`${request.method} ${request.url} ${String(request.headers['x-key'])} ${body}`)
      })
    })
    const plugin = new Fetcher([`allowed.test:${port}`])
    const url = `https://allowed.test:${port}/a?b=1`
    const result = await plugin.fetch(url, { method: 'POST', headers: { 'X-Key': 'k' }, body: 'grün' })
    assert.deepEqual([result.status, result.url, bodyOf(result)], [201, url, 'POST /a?b=1 k grün'])
    assert.equal(result.headers['x-answer'], 'one, two')
    assert.equal(result.headers['set-cookie'], undefined)
  })

  it('sends bytes as they are, and no more headers than it must', async () => {
    const { port } = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => response.write(chunk.toString('hex')))
      request.on('end', () => response.end(JSON.stringify(Object.keys(request.headers).toSorted())))
    })
    const plugin = new Fetcher([`allowed.test:${port}`])
    const result = await plugin.fetch(`https://allowed.test:${port}/`, { method: 'PUT', body64: '/wA=' })
    const names = ['accept-encoding', 'connection', 'content-length', 'host', 'user-agent']
    assert.equal(bodyOf(result), `ff00${JSON.stringify(names)}`)
  })

  it('ends when nobody waits any more, and does not begin when nobody does', async () => {
    const { port, server } = await serve(() => undefined)
    const plugin = new Fetcher([`allowed.test:${port}`])
    const gone = new AbortController()
    const fetched = plugin.fetch(`https://allowed.test:${port}/`, {}, gone.signal)
    await once(server, 'request')
    gone.abort()
    await assert.rejects(fetched, { code: 'unavailable', message: 'nobody waits for the answer any more' })
    const again = plugin.fetch(`https://allowed.test:${port}/`, {}, gone.signal)
    await assert.rejects(again, { code: 'unavailable' })
    assert.equal(plugin.budget.underWay, 0)
  })
})

describe('a fetch that fails', () => {
  it('trusts no certificate but one for that name by a known authority', async () => {
    const { port } = await serve((_request, response) => response.end(), { names: ['somebody.test'] })
    const url = `https://allowed.test:${port}/`
    const untrusted = { code: 'unavailable', message: "the host's certificate is not to be trusted" }
    await assert.rejects(new Fetcher([`allowed.test:${port}`]).fetch(url), untrusted)
    const right = await serve((_request, response) => response.end())
    const stranger = new Fetcher([`allowed.test:${right.port}`], { ca: rootCertificates[0] ?? '' })
    await assert.rejects(stranger.fetch(`https://allowed.test:${right.port}/`), untrusted)
  })

  it('says nothing of addresses when nobody listens, nobody is found, or nobody speaks HTTP', async () => {
    const silent = createServer((socket) => socket.resume().end('SSH-2.0\r\n')).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    const plugin = new Fetcher([`allowed.test:${port}`])
    const unreachable = {
      code: 'unavailable',
      message: 'the host cannot be reached, or does not answer as HTTP has it',
    }
    await assert.rejects(plugin.fetch(`https://allowed.test:${port}/`), unreachable)
    silent.close()
    await once(silent, 'close')
    await assert.rejects(plugin.fetch(`https://allowed.test:${port}/`), unreachable)
    const lost = new Fetcher(['allowed.test'], {
      lookup: () => Promise.reject(new Error('ENOTFOUND 10.0.0.53')),
    })
    await assert.rejects(lost.fetch('https://allowed.test/'), {
      code: 'unavailable',
      message: "the host's name leads nowhere",
    })
  })
})

describe('a secret', () => {
  const secrets = { apiToken: 'topsecret-0123456789' }

  it('is put into the header by the host, and taken out of what the host sends back', async () => {
    const { port } = await serve((request, response) => {
      const { authorization = '' } = request.headers
      response.setHeader('x-echo', authorization)
      response.end(JSON.stringify({ authorization, length: authorization.length }))
    })
    const plugin = new Fetcher([`allowed.test:${port}`], {}, { secrets })
    const headers = { Authorization: { secret: 'apiToken', prefix: 'Bearer ' } }
    const result = await plugin.fetch(`https://allowed.test:${port}/`, { headers })
    assert.equal(bodyOf(result), '{"authorization":"Bearer ********","length":27}')
    assert.equal(result.headers['x-echo'], 'Bearer ********')
  })

  it('that is not there is named, and nothing is sent', async () => {
    const { port, connections } = await serve((_request, response) => response.end())
    const plugin = new Fetcher([`allowed.test:${port}`], {}, { secrets })
    const headers = { 'x-key': { secret: 'other' } }
    const refused = plugin.fetch(`https://allowed.test:${port}/`, { headers })
    await assert.rejects(refused, { code: 'unavailable', message: /^no secret "other"/ })
    const inherited = plugin.fetch(`https://allowed.test:${port}/`, {
      headers: { a: { secret: 'constructor' } },
    })
    await assert.rejects(inherited, { code: 'unavailable', message: /^no secret "constructor"/ })
    assert.equal(connections(), 0)
  })

  it('does not follow a redirect to another origin, whatever its header is called', async () => {
    const seen: unknown[] = []
    const { port } = await serve((request, response) => {
      const { host, authorization, 'x-key': key, 'x-plain': plain } = request.headers
      seen.push([host?.split(':')[0], authorization, key, plain])
      if (request.url === '/there') response.writeHead(302, { location: `https://other.test:${port}/end` })
      else if (request.url === '/') response.writeHead(302, { location: '/there' })
      response.end()
    })
    const plugin = new Fetcher([`allowed.test:${port}`, `other.test:${port}`], {}, { secrets })
    const headers = { authorization: 'own', 'x-key': { secret: 'apiToken' }, 'x-plain': 'p' }
    await plugin.fetch(`https://allowed.test:${port}/`, { headers })
    const known = ['allowed.test', 'own', secrets.apiToken, 'p']
    assert.deepEqual(seen, [known, known, ['other.test', undefined, undefined, 'p']])
  })

  it('is not told by an error, even if the host redirects to it', async () => {
    const { port } = await serve((request, response) => {
      response.writeHead(302, { location: `https://${request.headers['x-key'] as string}.test/` }).end()
    })
    const plugin = new Fetcher([`allowed.test:${port}`], {}, { secrets })
    const fetched = plugin.fetch(`https://allowed.test:${port}/`, {
      headers: { 'x-key': { secret: 'apiToken' } },
    })
    await assert.rejects(fetched, (error: Error) => !error.message.includes('topsecret'))
  })
})

/** A listener that nobody may ever reach. */
async function forbidden(): Promise<{ port: number; connections: () => number }> {
  let connections = 0
  const listener = createServer(() => (connections += 1)).listen(0, '127.0.0.1')
  after(() => listener.close())
  await once(listener, 'listening')
  return { port: (listener.address() as { port: number }).port, connections: () => connections }
}

describe('attack B01, B02: the metadata service, and hosts spelled oddly', () => {
  it('are refused before any packet', async () => {
    const { port, connections } = await forbidden()
    const plugin = new Fetcher(['allowed.test'])
    const urls = [
      'http://169.254.169.254/latest/meta-data/', 'https://169.254.169.254/', `http://127.1:${port}/`,
      `https://127.1:${port}/`, `https://2130706433:${port}/`, `https://0x7f.1:${port}/`,
      `https://0177.0.0.1:${port}/`, `https://0:${port}/`, `https://[::1]:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`, `https://localhost.:${port}/`,
      `https://①②⑦.⓪.⓪.①:${port}/`,
      `https://user@127.0.0.1:${port}/`, 'file:///etc/passwd', `https://allowed.test@127.0.0.1:${port}/`,
      'https://allowed.test:22/', `https://allowed.test:${port}/`, 'gopher://allowed.test/', 'data:,x',
      'https://127.0.0.1.nip.io/', 'http://allowed.test/',
      'https://user@allowed.test/', 'https://allowed.test.evil.example/', 'https://sub.allowed.test/',
      'https://allowed.test../', `https://allowed.test%2eevil:${port}/`, 'wss://allowed.test/',
    ] // biome-ignore format: a table
    for (const url of urls) {
      await assert.rejects(
        plugin.fetch(url),
        ({ code }: { code?: string }) => code === 'notAllowed' || code === 'invalid',
        url,
      )
    }
    assert.equal(connections(), 0)
    assert.equal(plugin.budget.underWay, 0)
  })

  it('are refused even where the operator granted them', async () => {
    const { port, connections } = await forbidden()
    const hosts = [
      `127.0.0.1:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `localhost:${port}`,
      `inside.test:${port}`,
    ]
    const plugin = new Fetcher(hosts, { isAllowed: isPublicAddress })
    for (const host of hosts) {
      await assert.rejects(plugin.fetch(`https://${host}/`), {
        code: 'notAllowed',
        message: /public internet/,
      })
    }
    assert.equal(connections(), 0)
  })

  it('a granted host is met in every spelling that means it', async () => {
    const { port } = await serve((request, response) => response.end(request.headers.host))
    const plugin = new Fetcher([`ALLOWED.test:${port}`])
    for (const url of [
      `https://allowed.test.:${port}/`,
      `HTTPS://Allowed.TEST:${port}`,
      `https://ａllowed.test:${port}/`,
    ]) {
      assert.equal(bodyOf(await plugin.fetch(url)), `allowed.test:${port}`)
    }
  })
})

describe('attack B03: a name that changes its mind', () => {
  it('is asked once a request; what it says the second time is never used', async () => {
    const { port, connections } = await serve((_request, response) => response.end('fine'))
    let asked = 0
    const plugin = new Fetcher([`allowed.test:${port}`], {
      lookup: () => Promise.resolve([(asked += 1) === 1 ? '127.0.0.1' : '127.0.0.2']),
    })
    assert.equal(bodyOf(await plugin.fetch(`https://allowed.test:${port}/`)), 'fine')
    assert.equal(asked, 1)
    await assert.rejects(plugin.fetch(`https://allowed.test:${port}/`), { code: 'notAllowed' })
    assert.deepEqual([asked, connections()], [2, 1])
  })

  it('is refused for one bad address among good ones', async () => {
    const { port, connections } = await serve((_request, response) => response.end('fine'))
    const plugin = new Fetcher([`allowed.test:${port}`], {
      lookup: () => Promise.resolve(['127.0.0.1', '10.0.0.5']),
    })
    await assert.rejects(plugin.fetch(`https://allowed.test:${port}/`), { code: 'notAllowed' })
    assert.equal(connections(), 0)
  })

  it('is asked anew, and judged anew, at each hop', async () => {
    const { port } = await serve((_request, response) =>
      response.writeHead(307, { location: '/again' }).end(),
    )
    let asked = 0
    const plugin = new Fetcher([`allowed.test:${port}`], {
      lookup: () => Promise.resolve([(asked += 1) === 1 ? '127.0.0.1' : '169.254.169.254']),
    })
    await assert.rejects(plugin.fetch(`https://allowed.test:${port}/`), { code: 'notAllowed' })
    assert.equal(asked, 2)
  })
})

describe('attack B04: a redirect', () => {
  const places = [
    'http://10.0.0.5/',
    'https://127.0.0.1/',
    'https://allowed.test:6379/',
    'https://evil.test/',
    '//evil.test/x',
    'https://a@allowed.test/',
  ]
  for (const place of places) {
    it(`to ${place} is not followed`, async () => {
      const { port } = await serve((_request, response) => response.writeHead(307, { location: place }).end())
      const plugin = new Fetcher([`allowed.test:${port}`])
      await assert.rejects(plugin.fetch(`https://allowed.test:${port}/`), { code: 'notAllowed' })
    })
  }

  it('is followed three times, and no more', async () => {
    const { port } = await serve(({ url = '/0' }, response) => {
      const left = Number(url.slice(1))
      response.writeHead(left > 0 ? 302 : 200, { location: `/${left - 1}` }).end(url)
    })
    const plugin = new Fetcher([`allowed.test:${port}`])
    assert.equal((await plugin.fetch(`https://allowed.test:${port}/3`)).url, `https://allowed.test:${port}/0`)
    await assert.rejects(plugin.fetch(`https://allowed.test:${port}/50`), {
      code: 'unavailable',
      message: 'the host redirects more than 3 times',
    })
  })
})

describe('attack B05: header smuggling', () => {
  const smuggled: object[] = [
    { x: 'a\r\nHost: evil' }, { Host: 'evil' }, { 'Transfer-Encoding': 'chunked' }, { 'Content-Length': '5' },
    { Connection: 'x-internal' }, { 'X-Forwarded-For': '127.0.0.1' }, { 'Proxy-Authorization': 'x' },
    { Cookie: 'a=b' }, { 'x\r\nhost': 'evil' }, { X_Forwarded_For: '127.0.0.1' }, { 'x-é': 'a' },
    { a: 'é' }, { A: '1', a: '2' }, { __proto__: null, constructor: { secret: 1 } }, { a: '\u0000' },
    { ':authority': 'evil' },
    { a: { secret: 's', prefix: '\r\nHost: evil' } }, { Via: 'a' }, { Forwarded: 'for=127.0.0.1' },
    { '': 'a' },
  ] // biome-ignore format: a table
  for (const headers of smuggled) {
    it(`is refused before any packet: ${JSON.stringify(headers)}`, async () => {
      const { port, connections } = await serve((_request, response) => response.end())
      const plugin = new Fetcher([`allowed.test:${port}`], {}, { secrets: { s: 'v' } })
      await assert.rejects(plugin.fetch(`https://allowed.test:${port}/`, { headers }), { code: 'invalid' })
      assert.equal(connections(), 0)
    })
  }
})
