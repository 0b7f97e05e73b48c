import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Mistake } from '../../../../sandbox/host/fields.ts'
import {
  filledHeaders,
  type Header,
  headerList,
  headersElsewhere,
  headersWithoutBody,
} from '../../../../sandbox/host/capabilities/fetch-headers.ts'

function read(headers: unknown): readonly Header[] {
  const list = headerList(headers)
  if (list instanceof Mistake) throw new Error(list.text)
  return list as readonly Header[]
}

describe('headers', () => {
  it('are text or secrets under names in lower case', () => {
    const value = { secret: 'token', prefix: 'Bearer ' }
    assert.deepEqual(read({ Accept: 'a/b', Authorization: value }), [
      { name: 'accept', value: 'a/b' },
      { name: 'authorization', value },
    ])
  })

  it('that no plugin may set are named', () => {
    assert.throws(() => read({ 'X-Forwarded-Proto': 'a' }), {
      message: '"X-Forwarded-Proto": is set by the host or by nobody',
    })
    assert.throws(() => read({ a: 'b\n' }), { message: '"a": must be printable ASCII' })
    assert.throws(() => read({ a: { secret: 's', more: 1 } }), { message: /^"a"\."more": is unknown here/ })
    assert.throws(() => read(Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`a${n}`, '']))), {
      message: /64/,
    })
  })

  it('hold nothing that could end a line or begin a header, whatever is sent', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.anything())), (sent) => {
        const list = headerList(sent)
        if (list instanceof Mistake) return
        for (const { name, value } of list as readonly Header[]) {
          assert.match(name, /^[a-z][a-z0-9-]*$/)
          assert.match(typeof value === 'string' ? value : (value.prefix ?? ''), /^[^\r\n]*$/)
        }
      }),
    )
  })

  it('are filled in, unless a secret cannot stand in one', () => {
    const headers = read({ a: { secret: 's', prefix: 'p ' }, b: 'c' })
    assert.deepEqual(filledHeaders(headers, { s: 'value' }), { a: 'p value', b: 'c' })
    assert.throws(() => filledHeaders(headers, { s: 'two\nlines' }), {
      code: 'unavailable',
      message: 'the secret "s" is not printable ASCII, as a header must be',
    })
    const large = Array.from({ length: 5 }, (_, n): Header => ({ name: `a${n}`, value: { secret: 's' } }))
    assert.throws(() => filledHeaders(large, { s: 'x'.repeat(4096) }), { code: 'invalid' })
  })

  it('that prove who asks do not go elsewhere; those of a body go with it', () => {
    const headers = read({ authorization: 'a', 'x-key': { secret: 's' }, 'content-type': 'b', accept: 'c' })
    assert.deepEqual(
      headersElsewhere(headers).map(({ name }) => name),
      ['content-type', 'accept'],
    )
    assert.deepEqual(
      headersWithoutBody(headers).map(({ name }) => name),
      ['authorization', 'x-key', 'accept'],
    )
  })
})
