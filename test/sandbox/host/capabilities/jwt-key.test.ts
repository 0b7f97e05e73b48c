import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import { type JwtAlgorithm, keyFor, readKeys } from '../../../../sandbox/host/capabilities/jwt-key.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
const ed = generateKeyPairSync('ed25519').publicKey

function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' })
}

function jwk(key: KeyObject, more: object = {}): object {
  return { ...key.export({ format: 'jwk' }), ...more }
}

function openKey(text: string, algorithm: JwtAlgorithm, kid?: string): KeyObject | undefined {
  return keyFor(readKeys(text, [algorithm]), algorithm, kid)
}

describe('a key as text', () => {
  it('is PEM, a JWK, or the secret itself', () => {
    assert.ok(openKey(pem(rsa), 'PS256')?.equals(rsa))
    assert.ok(openKey(JSON.stringify(jwk(p256)), 'ES256')?.equals(p256))
    assert.ok(openKey(`\n${pem(ed).replaceAll('\n', '\r\n')}`, 'EdDSA')?.equals(ed))
    const secret = 'a secret of at least 32 characters'
    assert.equal(openKey(secret, 'HS256')?.export().toString(), secret)
    const oct = { kty: 'oct', k: Buffer.from(secret).toString('base64url') }
    assert.equal(openKey(JSON.stringify(oct), 'HS256')?.export().toString(), secret)
  })

  it('is never a public key taken for a secret, nor the other way round', () => {
    const shared = 'x'.repeat(64)
    const confused: [string, JwtAlgorithm[]][] = [
      [pem(rsa), ['HS256']],
      [` ${pem(rsa)}`, ['HS512']],
      [`x\n${pem(rsa)}`, ['HS256']],
      [pem(rsa), ['RS256', 'HS256']],
      [JSON.stringify(jwk(rsa)), ['HS256']],
      [JSON.stringify({ keys: [jwk(rsa)] }), ['HS256']],
      [JSON.stringify({ keys: [jwk(rsa), { kty: 'oct', k: 'AAAA' }] }), ['RS256', 'HS256']],
      [shared, ['RS256']],
      [pem(p256), ['ES384']],
      [pem(p256), ['EdDSA']],
      [pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey), ['ES256']],
    ]
    for (const [text, algorithms] of confused) {
      assert.throws(() => readKeys(text, algorithms), { code: 'invalid' }, algorithms.join())
    }
  })

  it('that is weak, private, slow or broken is refused, and not repeated', () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    const { privateKey } = generateKeyPairSync('ed25519')
    const refused: [string, JwtAlgorithm, RegExp][] = [
      ['short secret', 'HS256', /at least 32 bytes/],
      ['x'.repeat(63), 'HS512', /at least 64 bytes/],
      [JSON.stringify({ kty: 'oct' }), 'HS256', /no key that can be read/],
      [pem(small), 'RS256', /2048 to 8192 bits/],
      [JSON.stringify(jwk(rsa, { e: '_____________w' })), 'RS256', /2048 to 8192 bits/],
      [JSON.stringify(jwk(rsa, { n: 7 })), 'RS256', /no key that can be read/],
      [JSON.stringify(jwk(p256, { x: jwk(p256) })), 'ES256', /no key that can be read/],
      [privateKey.export({ type: 'pkcs8', format: 'pem' }), 'EdDSA', /PEM must be a PUBLIC KEY/],
      ['-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', 'RS256', /no key that can be read/],
      ['{"kty":', 'RS256', /no key that can be read/],
      ['{"keys":{}}', 'RS256', /at most 32 keys/],
      [JSON.stringify({ keys: Array.from({ length: 33 }, () => ({})) }), 'RS256', /at most 32 keys/],
    ]
    for (const [text, algorithm, message] of refused) {
      assert.throws(() => openKey(text, algorithm), { code: 'invalid', message }, String(message))
    }
  })
})

describe('a JWK set', () => {
  const keys = [
    jwk(rsa, { kid: 'one' }),
    jwk(p256, { kid: 'two', alg: 'ES256' }),
    jwk(ed, { kid: 'three', use: 'enc' }),
    { kty: 'OKP', crv: 'X25519', x: 'AA' },
    { kty: 'unheard of' },
    null,
  ]
  const set = JSON.stringify({ keys })

  it("has the key that the token's kid names", () => {
    assert.ok(openKey(set, 'RS256', 'one')?.equals(rsa))
    assert.equal(openKey(set, 'RS256', 'two'), undefined)
    assert.equal(openKey(set, 'RS256', 'nine'), undefined)
    assert.throws(() => openKey(set, 'EdDSA', 'three'), { code: 'invalid' })
  })

  it('has a key for a token without a kid only where there is no choice', () => {
    assert.ok(openKey(set, 'ES256')?.equals(p256))
    const twice = JSON.stringify({ keys: [jwk(rsa, { kid: 'a' }), jwk(rsa, { kid: 'b' })] })
    assert.equal(openKey(twice, 'RS256'), undefined)
    assert.ok(openKey(twice, 'RS256', 'b')?.equals(rsa))
  })
})
