import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readRequest } from '../../../../sandbox/host/capabilities/fetch-request.ts'

describe('what the guest sends for a fetch', () => {
  it('is a URL, with a method, headers and a body where they are wanted', () => {
    assert.deepEqual(readRequest({ url: 'x' }, 10), { url: 'x', method: 'GET', headers: [], body: undefined })
    const full = { url: 'x', method: 'PUT', headers: { a: 'b' }, body: 'ü' }
    assert.deepEqual(readRequest(full, 10), {
      ...full,
      headers: [{ name: 'a', value: 'b' }],
      body: Buffer.from('ü'),
    })
  })

  it('is refused with what is wrong, and where', () => {
    const wrong: [unknown, string][] = [
      [null, 'must be an object'],
      [{}, 'url: is missing'],
      [{ url: 1 }, 'url: must be text of at most 2048 characters'],
      [
        { url: 'x', method: 'TRACE' },
        'method: must be one of "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"',
      ],
      [{ url: 'x', agent: 1 }, '"agent": is unknown here'],
      [
        { url: 'x', method: 'POST', body: 'eleven char' },
        'body: must be well-formed text of at most 10 bytes',
      ],
      [{ url: 'x', method: 'POST', body64: 'AA' }, 'body64: must be base64 of at most 10 bytes'],
      [{ url: 'x', method: 'POST', body: '', body64: '' }, 'body and body64: only one may be given'],
      [{ url: 'x', body: 'a', method: 'HEAD' }, 'body: HEAD has none'],
      [{ url: 'x', headers: { Host: 'a' } }, 'headers."Host": is set by the host or by nobody'],
    ]
    for (const [argument, message] of wrong) {
      assert.throws(() => readRequest(argument, 10), { code: 'invalid', message })
    }
  })

  it('ends in a request or a refusal, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (argument) => {
        assert.throws(() => readRequest(argument, 10), { name: 'Refusal', code: 'invalid' })
      }),
    )
  })
})
