import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CompactSign, SignJWT } from 'jose'
import { loadJose, verifyJwt } from '../../../../sandbox/host/capabilities/jwt.ts'
import type { JwtAlgorithm } from '../../../../sandbox/host/capabilities/jwt-key.ts'
import type { JwtVerified } from '../../../../sandbox/sdk/powers.ts'

const SECRET = 'a secret of at least sixty-four characters, as HS512 wants it to be, and more'
const NOW = new Date('2030-01-01T00:00:00Z')
const SEC = NOW.getTime() / 1000

function sign(claims: Record<string, unknown>, header: { alg: string } = { alg: 'HS256' }): Promise<string> {
  return new SignJWT(claims).setProtectedHeader(header).sign(Buffer.from(SECRET))
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function verify(token: string, more: object = {}): Promise<JwtVerified> {
  return verifyJwt(token, SECRET, { algorithms: ['HS256'], ...more }, NOW)
}

/** RFC 7515, appendices A.1 and A.3: the same claims, signed in two ways. */
const CLAIMS =
  'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
const A1 = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`
const A1_KEY = JSON.stringify({
  kty: 'oct',
  k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
})
const A3_SIGNATURE = 'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q'
const A3 = `eyJhbGciOiJFUzI1NiJ9.${CLAIMS}.${A3_SIGNATURE}`
const A3_KEY = JSON.stringify({
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
})
const BEFORE = new Date(1_300_819_379_000)

describe('a token', () => {
  it('of RFC 7515 is valid until it expires', async () => {
    const valid = {
      valid: true,
      claims: { iss: 'joe', exp: 1_300_819_380, 'http://example.com/is_root': true },
    }
    const HS = { algorithms: ['HS256'] } as const
    const ES = { algorithms: ['ES256'] } as const
    assert.deepEqual(await verifyJwt(A1, A1_KEY, HS, BEFORE), valid)
    assert.deepEqual(await verifyJwt(A3, A3_KEY, ES, BEFORE), valid)
    assert.deepEqual(await verifyJwt(A1, A1_KEY, HS), { valid: false, why: 'expired' })
    assert.deepEqual(await verifyJwt(A3, A3_KEY, ES), { valid: false, why: 'expired' })
  })

  it('is checked with each kind of key', async () => {
    const pairs: [JwtAlgorithm[], { privateKey: KeyObject; publicKey: KeyObject }][] = [
      [['RS256', 'RS384', 'RS512', 'PS256'], generateKeyPairSync('rsa', { modulusLength: 2048 })],
      [['ES256'], generateKeyPairSync('ec', { namedCurve: 'P-256' })],
      [['ES384'], generateKeyPairSync('ec', { namedCurve: 'P-384' })],
      [['EdDSA'], generateKeyPairSync('ed25519')],
    ]
    for (const [algorithms, { privateKey, publicKey }] of pairs) {
      const key = publicKey.export({ type: 'spki', format: 'pem' })
      for (const alg of algorithms) {
        const token = await new SignJWT({ sub: 'me' }).setProtectedHeader({ alg }).sign(privateKey)
        assert.deepEqual(await verifyJwt(token, key, { algorithms: [alg] }), {
          valid: true,
          claims: { sub: 'me' },
        })
        const other = algorithms.filter((each) => each !== alg)
        if (other.length === 0) continue
        assert.deepEqual(await verifyJwt(token, key, { algorithms: other }), {
          valid: false,
          why: 'signature',
        })
      }
    }
  })

  it('signed with a public key as if that were a secret is never valid', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = publicKey.export({ type: 'spki', format: 'pem' })
    const forged = await new SignJWT({ sub: 'admin' })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(pem))
    assert.deepEqual(await verifyJwt(forged, pem, { algorithms: ['RS256'] }), {
      valid: false,
      why: 'signature',
    })
    for (const algorithms of [['HS256'], ['RS256', 'HS256']] as const) {
      await assert.rejects(verifyJwt(forged, pem, { algorithms }), { code: 'invalid' })
    }
  })

  it('without a signature is never valid', async () => {
    for (const header of [{ alg: 'none' }, { alg: 'None' }, { alg: 'NONE' }, { alg: '' }, {}]) {
      const token = `${part(header)}.${part({ sub: 'admin' })}.`
      assert.equal((await verify(token)).valid, false, JSON.stringify(header))
    }
  })
})

describe('a token that is not valid', () => {
  it('is told why', async () => {
    const told = async (claims: Record<string, unknown>, more: object = {}): Promise<unknown> => {
      const verified = await verify(await sign(claims), more)
      return verified.valid || verified.why
    }
    assert.equal(await told({ exp: SEC + 1 }), true)
    assert.equal(await told({ exp: SEC - 1 }), 'expired')
    assert.equal(await told({ exp: SEC - 1 }, { clockToleranceSec: 2 }), true)
    assert.equal(await told({ nbf: SEC + 1 }), 'notYetValid')
    assert.equal(await told({ nbf: 'soon' }), 'claim')
    assert.equal(await told({ iss: 'a' }, { issuer: 'b' }), 'claim')
    assert.equal(await told({}, { audience: 'b' }), 'claim')
    assert.equal(await told({ aud: ['a', 'b'] }, { audience: 'b' }), true)
    const [header, payload] = (await sign({})).split('.')
    assert.deepEqual(await verify(`${header}.${payload}.AAAA`), { valid: false, why: 'signature' })
    assert.deepEqual(await verify(await sign({}, { alg: 'HS512' })), { valid: false, why: 'signature' })
  })

  it('is malformed if it is too long, too deep, or critical in unknown ways', async () => {
    const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`
    const token = await new CompactSign(Buffer.from(deep))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(SECRET))
    const critical = await new CompactSign(Buffer.from('{}'))
      .setProtectedHeader({ alg: 'HS256', b64: true, crit: ['b64'] })
      .sign(Buffer.from(SECRET))
    assert.equal((await verify(critical)).valid, true)
    const unknown = `${part({ alg: 'HS256', crit: ['x'], x: 1 })}.e30.AA`
    for (const wrong of [token, unknown, 'x'.repeat(16_385), '', 'a.b.c', '...']) {
      assert.deepEqual(await verify(wrong), { valid: false, why: 'malformed' }, wrong.slice(0, 40))
    }
  })

  it('is never a mistake of the plugin, whatever it is', async () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        assert.equal((await verify(parts.join('.'))).valid, false)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a turn that begins to check a token', () => {
  it('pays within the call for reading it', async () => {
    await loadJose()
    let looked = 0
    const options = {
      algorithms: ['HS256'] as const,
      /** It is for who looks at the token itself. */
      get audience(): string {
        looked += 1
        return 'broker'
      },
    }
    const verified = verifyJwt(await sign({ aud: 'broker' }), SECRET, options, NOW)
    assert.ok(looked > 0)
    assert.equal((await verified).valid, true)
  })
})
