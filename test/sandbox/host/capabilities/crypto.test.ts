import assert from 'node:assert/strict'
import { createHash, createHmac, webcrypto } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cryptoPower } from '../../../../sandbox/host/capabilities/crypto.ts'
import type { Holder } from '../../../../sandbox/host/capabilities/power.ts'
import { holder } from '../../../support/holder.ts'

async function call(argument: object, more: Partial<Holder> = {}): Promise<unknown> {
  const result: unknown = await cryptoPower(holder(more)).call?.(argument, new AbortController().signal)
  return result
}

async function hexOf(argument: object, more: Partial<Holder> = {}): Promise<string> {
  const { bytes64 } = (await call(argument, more)) as { bytes64: string }
  return Buffer.from(bytes64, 'base64').toString('hex')
}

describe('ctx.crypto', () => {
  it('digests as the standards have it, and as Node does for all data', async () => {
    assert.equal(
      await hexOf({ op: 'digest', name: 'sha1', data: 'abc' }),
      'a9993e364706816aba3e25717850c26c9cd0d89d',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('sha1', 'sha256', 'sha384', 'sha512'),
        fc.uint8Array(),
        async (name, bytes) => {
          const data64 = Buffer.from(bytes).toString('base64')
          assert.equal(
            await hexOf({ op: 'digest', name, data64 }),
            createHash(name).update(bytes).digest('hex'),
          )
        },
      ),
      { numRuns: 20 },
    )
  })

  it('makes an HMAC as RFC 4231 has it, with a key of its own or of the operator', async () => {
    const data = 'what do ya want for nothing?'
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    assert.equal(await hexOf({ op: 'hmac', name: 'sha256', key: 'Jefe', data }), expected)
    const key = { secret: 'signing' }
    assert.equal(
      await hexOf({ op: 'hmac', name: 'sha256', key, data }, { secrets: { signing: 'Jefe' } }),
      expected,
    )
    const long = 'k'.repeat(200)
    const other = createHmac('sha512', long).update('').digest('hex')
    assert.equal(await hexOf({ op: 'hmac', name: 'sha512', key: long, data: '' }), other)
    await assert.rejects(call({ op: 'hmac', name: 'sha256', key: '', data }), { code: 'invalid' })
  })

  it('makes random bytes, other ones each time', async () => {
    const [one, other] = [
      await hexOf({ op: 'randomBytes', size: 32 }),
      await hexOf({ op: 'randomBytes', size: 32 }),
    ]
    assert.equal(one.length, 64)
    assert.notEqual(one, other)
  })

  it('checks tokens and passwords', async () => {
    const key = 'x'.repeat(32)
    const token = { op: 'verifyJwt', token: 'no token', key, options: { algorithms: ['HS256'] } }
    assert.deepEqual(await call(token), { valid: false, why: 'malformed' })
    const hash = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
    assert.deepEqual(await call({ op: 'verifyPassword', password: 'U*U', hash }), { matches: true })
    assert.deepEqual(await call({ op: 'verifyPassword', password: 'U', hash }), { matches: false })
  })

  it('leaves the event loop free while fifty passwords are checked', async () => {
    const hash = '$2b$08$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
    const power = cryptoPower(holder())
    const check = { op: 'verifyPassword', password: 'p', hash }
    const { signal } = new AbortController()
    await power.call?.(check, signal)
    const [delay, begun] = [monitorEventLoopDelay({ resolution: 5 }), performance.now()]
    delay.enable()
    const checks = await Promise.all(Array.from({ length: 50 }, async () => power.call?.(check, signal)))
    delay.disable()
    const [lagMs, tookMs] = [delay.max / 1e6, performance.now() - begun]
    assert.equal(checks.length, 50)
    assert.ok(lagMs < tookMs / 2, `the loop stood still for ${lagMs} of ${tookMs} ms`)
  })
})

describe('a turn that begins ctx.crypto', () => {
  it('pays within the call for reading what it is given', async (t) => {
    const { subtle } = webcrypto
    const handedOver = [t.mock.method(subtle, 'digest'), t.mock.method(subtle, 'importKey')]
    const data64 = Buffer.alloc(60_000).toString('base64')
    const digested = call({ op: 'digest', name: 'sha1', data64 })
    const signed = call({ op: 'hmac', name: 'sha512', key64: data64, data64 })
    assert.deepEqual(
      handedOver.map(({ mock }) => mock.callCount()),
      [1, 1],
    )
    await Promise.all([digested, signed])
  })
})
