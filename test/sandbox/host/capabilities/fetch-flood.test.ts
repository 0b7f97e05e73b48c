import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:tls'
import { after, describe, it } from 'node:test'
import { brotliCompressSync, constants, createGzip, deflateSync, gzipSync } from 'node:zlib'
import { DEFAULT_LIMITS, FETCH_MS } from '../../../../sandbox/limits.ts'
import { bodyOf, certificate, Fetcher, serve } from '../../../support/egress-stage.ts'

const MOST = DEFAULT_LIMITS.fetchKiB * 1024
const LIMIT = { code: 'limit', message: `the answer has more than ${MOST} bytes` }

async function answered(answer: (response: ServerResponse) => void): Promise<[Fetcher, string]> {
  const { port } = await serve((_request, response) => answer(response))
  return [new Fetcher([`allowed.test:${port}`]), `https://allowed.test:${port}/`]
}

describe('attack B06: a slow answer', () => {
  it('a byte now and then ends with the deadline, and frees its place', async () => {
    const { port } = await serve((_request, response) => {
      const drip = setInterval(() => response.write('x'), 100)
      response.on('close', () => clearInterval(drip))
    })
    const plugin = new Fetcher([`allowed.test:${port}`], { timeoutMs: FETCH_MS })
    const began = performance.now()
    const slow = Array.from({ length: DEFAULT_LIMITS.fetchConcurrent }, () =>
      plugin.fetch(`https://allowed.test:${port}/`),
    )
    assert.equal(
      (await Promise.allSettled(slow)).filter(({ status }) => status === 'rejected').length,
      slow.length,
    )
    await assert.rejects(slow[0] ?? Promise.resolve(), { code: 'unavailable', message: /within 1000 ms/ })
    assert.ok(performance.now() - began >= FETCH_MS - 1)
    assert.equal(plugin.budget.underWay, 0)
  })

  it('a name that is never found, and a server that never greets, end with the deadline too', async () => {
    const never = new Fetcher(['allowed.test'], { timeoutMs: 50, lookup: () => new Promise(() => undefined) })
    await assert.rejects(never.fetch('https://allowed.test/'), {
      code: 'unavailable',
      message: /within 50 ms/,
    })
    const { server, port } = await serve(() => undefined)
    server.removeAllListeners('connection')
    const mute = new Fetcher([`allowed.test:${port}`], { timeoutMs: 200 })
    await assert.rejects(mute.fetch(`https://allowed.test:${port}/`), { code: 'unavailable' })
    assert.equal(never.budget.underWay + mute.budget.underWay, 0)
  })
})

describe('attack B06: a huge answer', () => {
  it('an endless body is read up to the bound, and its connection is gone', async () => {
    const closed = Promise.withResolvers<void>()
    let sent = 0
    const [plugin, url] = await answered((response) => {
      const chunk = Buffer.alloc(65_536)
      const pour = (): void => {
        do sent += chunk.length
        while (response.write(chunk))
      }
      response.on('drain', pour)
      response.on('close', closed.resolve)
      pour()
    })
    await assert.rejects(plugin.fetch(url), LIMIT)
    await closed.promise
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were sent`)
  })

  it('a body of exactly the bound arrives', async () => {
    const [plugin, url] = await answered((response) => response.end(Buffer.alloc(MOST, 'x')))
    assert.equal(bodyOf(await plugin.fetch(url)).length, MOST)
  })
})

describe('attack B06: a compressed answer', () => {
  const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }
  const packed = {
    gzip: gzipSync,
    deflate: deflateSync,
    br: (bytes: Uint8Array): Uint8Array => brotliCompressSync(bytes, quick),
  }
  for (const [encoding, pack] of Object.entries(packed)) {
    it(`${encoding} is unpacked, and a bomb of it is not`, async () => {
      const [plugin, url] = await answered((response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(pack(Buffer.alloc(MOST, 'x')))
      })
      const result = await plugin.fetch(url)
      assert.equal(bodyOf(result), 'x'.repeat(MOST))
      assert.deepEqual(
        [result.headers['content-encoding'], result.headers['content-length']],
        [undefined, undefined],
      )
      const bomb = pack(Buffer.alloc(MOST * 512))
      const [other, there] = await answered((response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(bomb)
      })
      await assert.rejects(other.fetch(there), LIMIT)
    })
  }

  it('an endless bomb ends too', async () => {
    const [plugin, url] = await answered((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      const gzip = createGzip()
      const pour = (): void => {
        while (gzip.write(Buffer.alloc(1024 * 1024)));
      }
      gzip.on('drain', pour)
      gzip.pipe(response)
      response.on('close', () => gzip.removeListener('drain', pour).destroy())
      pour()
    })
    await assert.rejects(plugin.fetch(url), LIMIT)
  })

  it('what is packed in no way that was asked for, or badly, is not shown', async () => {
    for (const encoding of ['zstd', 'gzip, gzip', 'constructor', 'gzip']) {
      const [plugin, url] = await answered((response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end('not packed')
      })
      await assert.rejects(plugin.fetch(url), { code: 'unavailable' }, encoding)
    }
  })
})

describe('attack B06: the headers of an answer', () => {
  it('too many of them are not read', async () => {
    const server = createTlsServer(certificate, (socket) => {
      socket.on('error', () => socket.destroy())
      const lines = Array.from({ length: 100_000 }, (_, index) => `x-${index}: y\r\n`)
      socket.write(`HTTP/1.1 200 OK\r\n${lines.join('')}\r\n`)
    }).listen(0, '127.0.0.1')
    after(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const plugin = new Fetcher([`allowed.test:${port}`])
    await assert.rejects(plugin.fetch(`https://allowed.test:${port}/`), {
      code: 'limit',
      message: 'the headers of the answer have more than 16384 bytes',
    })
  })

  it('called as what every object inherits are headers like others', async () => {
    const [plugin, url] = await answered((response) => {
      response
        .writeHead(
          200,
          [
            ['constructor', 'a'],
            ['__proto__', 'b'],
            ['constructor', 'c'],
          ].flat(),
        )
        .end()
    })
    const { headers } = await plugin.fetch(url)
    assert.deepEqual(
      [headers['constructor'], Object.getOwnPropertyDescriptor(headers, '__proto__')?.value],
      ['a, c', 'b'],
    )
  })
})

describe("a tenant's budget", () => {
  it('is so many at once', async () => {
    const { port, server } = await serve(() => undefined)
    const plugin = new Fetcher([`allowed.test:${port}`])
    const abort = new AbortController()
    const url = `https://allowed.test:${port}/`
    const fetches = [1, 2, 3, 4].map(() => plugin.fetch(url, {}, abort.signal))
    await once(server, 'request')
    await assert.rejects(plugin.fetch(url), {
      code: 'limit',
      message: '4 fetches of this tenant are under way',
    })
    abort.abort()
    await Promise.allSettled(fetches)
    assert.equal(plugin.budget.underWay, 0)
  })

  it('is so many a second, and what is refused at sight costs nothing of it', async () => {
    const plugin = new Fetcher(['allowed.test'], { lookup: () => Promise.resolve([]) })
    for (let index = 0; index < 100; index += 1) {
      await assert.rejects(plugin.fetch('https://other.test/'), { code: 'notAllowed' })
    }
    const messages = new Set<string>()
    for (let index = 0; index < 3 * DEFAULT_LIMITS.fetchesPerSec; index += 1) {
      await plugin
        .fetch('https://allowed.test/')
        .catch((error: unknown) => messages.add((error as Error).message))
    }
    assert.deepEqual(
      [...messages],
      ["the host's name leads nowhere", 'more than 10 fetches of this tenant in a second'],
    )
  })
})
