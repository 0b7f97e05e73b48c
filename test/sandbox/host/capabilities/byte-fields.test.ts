import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { bytesOf, decodeBytes } from '../../../../sandbox/host/capabilities/byte-fields.ts'
import { Mistake, object } from '../../../../sandbox/host/fields.ts'

const field = object(bytesOf('data', 6))

describe('bytes in an argument', () => {
  it('are text, or base64, up to a bound', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9 }), (bytes) => {
        const read = field({ data64: Buffer.from(bytes).toString('base64') })
        if (bytes.length > 6) assert.ok(read instanceof Mistake)
        else assert.deepEqual(decodeBytes('data', read as object), Buffer.from(bytes))
      }),
    )
    assert.deepEqual(decodeBytes('data', { data: 'ü' }), Buffer.from([0xc3, 0xbc]))
    assert.equal(decodeBytes('data', {}), undefined)
  })

  it('are nothing that a decoder would have to guess', () => {
    for (const data64 of ['A', 'AA', 'AAA', 'AA=A', 'A A=', 'AA-_', 'AAAA\n', 'AAAAAAAAAAAA', 1, null]) {
      assert.ok(field({ data64 }) instanceof Mistake, String(data64))
    }
    for (const data of ['\ud800', 'üüüü', 7]) assert.ok(field({ data }) instanceof Mistake, String(data))
    assert.throws(() => decodeBytes('data', { data: '', data64: '' }), { code: 'invalid' })
  })
})
