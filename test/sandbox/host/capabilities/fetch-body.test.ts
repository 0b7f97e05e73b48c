import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { readBody } from '../../../../sandbox/host/capabilities/fetch-body.ts'

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 7) yield bytes.subarray(from, from + 7)
}

const PACKERS = {
  '': (bytes: Uint8Array) => bytes,
  identity: (bytes: Uint8Array) => bytes,
  gzip: gzipSync,
  'X-GZIP': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
}

describe('a body', () => {
  it('is what was packed, up to the bound, however it was', async () => {
    const anyPacker = fc.constantFrom(...Object.entries(PACKERS))
    await fc.assert(
      fc.asyncProperty(
        anyPacker,
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 200 }),
        async ([name, pack], bytes, most) => {
          const read = readBody(chunks(pack(bytes)), name, most)
          if (bytes.length > most) await assert.rejects(read, { code: 'limit' })
          else assert.deepEqual(Buffer.from(await read), Buffer.from(bytes))
        },
      ),
    )
  })

  it('is unpacked by what it is, where a server forgot the header of deflate', async () => {
    const packed = deflateRawSync(Buffer.from('hello'))
    assert.equal(Buffer.from(await readBody(chunks(packed), 'deflate', 10)).toString(), 'hello')
  })

  it('is not read past the bound', async () => {
    let read = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += 1
        yield Buffer.alloc(1024)
      }
    }
    await assert.rejects(readBody(endless(), undefined, 4096), { code: 'limit' })
    assert.equal(read, 5)
  })

  it('that is packed badly, or otherwise, is refused; an empty one never is', async () => {
    const unavailable = { code: 'unavailable' }
    await assert.rejects(readBody(chunks(Buffer.from('no')), 'gzip', 10), unavailable)
    await assert.rejects(readBody(chunks(gzipSync('cut').subarray(0, 12)), 'gzip', 10), unavailable)
    await assert.rejects(readBody(chunks(Buffer.from('no')), '__proto__', 10), unavailable)
    assert.equal((await readBody(chunks(new Uint8Array()), 'gzip', 10)).length, 0)
  })
})
