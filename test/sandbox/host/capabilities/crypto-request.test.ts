import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readCryptoRequest } from '../../../../sandbox/host/capabilities/crypto-request.ts'

function text(value: string): Buffer {
  return Buffer.from(value)
}

const options = { algorithms: ['HS256'] }

describe('what the guest sends for a call of crypto', () => {
  it('is read by its op', () => {
    assert.deepEqual(readCryptoRequest({ op: 'digest', name: 'sha1', data64: 'AA==' }, {}), {
      op: 'digest',
      name: 'sha1',
      data: Buffer.from([0]),
    })
    const hmac = { op: 'hmac', name: 'sha256', key: { secret: 's', prefix: 'p' }, data: 'd' }
    assert.deepEqual(readCryptoRequest(hmac, { s: 'v' }), { ...hmac, key: text('pv'), data: text('d') })
    const jwt = { op: 'verifyJwt', token: 't', key: { secret: 's' }, options }
    assert.deepEqual(readCryptoRequest(jwt, { s: 'v' }), { ...jwt, key: 'v' })
    const password = { op: 'verifyPassword', password: 'p', hash: '$' }
    assert.deepEqual(readCryptoRequest(password, {}), { ...password, password: text('p') })
    assert.deepEqual(readCryptoRequest({ op: 'randomBytes', size: 8 }, {}), { op: 'randomBytes', size: 8 })
  })

  it('is refused with what is wrong, and where', () => {
    const jwt = { op: 'verifyJwt', token: '', key: '', options }
    const wrong: [unknown, string | RegExp][] = [
      [null, 'must be an object'],
      [{ op: 'sign' }, 'op: must be one of digest, hmac, verifyJwt, verifyPassword, randomBytes'],
      [{ op: 'digest', name: 'md5', data: '' }, /^name: must be one of "sha1"/],
      [{ op: 'digest', name: 'sha1' }, 'data: is missing'],
      [{ op: 'hmac', name: 'sha1', data: '' }, 'key: is missing'],
      [{ op: 'hmac', name: 'sha1', data: '', key: { secret: 1 } }, /^key\.secret: must be text/],
      [{ op: 'randomBytes', size: 1025 }, 'size: must be an integer from 1 to 1024'],
      [{ op: 'verifyPassword', password: '', hash: 'x'.repeat(513) }, /^hash: must be text of at most 512/],
      [{ ...jwt, options: { algorithms: [] } }, 'options.algorithms: must name at least one'],
      [{ ...jwt, options: { algorithms: ['none'] } }, /^options\.algorithms\[0\]: must be one of "HS256"/],
      [{ ...jwt, options: {} }, 'options.algorithms: is missing'],
      [{ ...jwt, options: { ...options, clockToleranceSec: 301 } }, /^options\.clockToleranceSec/],
      [{ ...jwt, options: { ...options, currentDate: 0 } }, /^options\."currentDate": is unknown/],
      [{ ...jwt, key: 'x'.repeat(32_769) }, /^key: must be text of at most 32768/],
    ]
    for (const [argument, message] of wrong) {
      assert.throws(() => readCryptoRequest(argument, {}), { code: 'invalid', message })
    }
    assert.throws(() => readCryptoRequest({ ...jwt, key: { secret: 'none' } }, {}), { code: 'unavailable' })
  })

  it('ends in a request or a refusal, whatever it is', () => {
    const op = fc.constantFrom('digest', 'hmac', 'verifyJwt', 'verifyPassword', 'randomBytes', '__proto__')
    fc.assert(
      fc.property(
        op,
        fc.dictionary(fc.constantFrom('name', 'data', 'key', 'token', 'options', 'size'), fc.anything()),
        (op, more) => {
          try {
            assert.equal(readCryptoRequest({ op, ...more }, {}).op, op)
          } catch (error) {
            assert.equal((error as Error).name, 'Refusal')
          }
        },
      ),
    )
  })
})
