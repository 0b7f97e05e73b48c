import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { redaction } from '../../../../sandbox/host/capabilities/fetch-redact.ts'

it('no literal secret is left, and nothing grows', () => {
  const secret = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !text.includes('*'))
  fc.assert(
    fc.property(secret, secret, fc.array(fc.string()), (one, other, parts) => {
      const { text, bytes } = redaction({ one, other })
      const told = parts.join(one) + other + one + other
      const clean = text(told)
      const cleanBytes = Buffer.from(bytes(Buffer.from(told)))
      for (const secret of [one, other]) {
        assert.ok(!clean.includes(secret))
        assert.ok(!cleanBytes.includes(secret))
      }
      assert.ok(clean.length <= told.length && cleanBytes.length <= Buffer.byteLength(told))
    }),
  )
})

it('a secret in a URL is found as URLs write it', () => {
  assert.equal(
    redaction({ a: 'two words' }).text('https://a.example/?t=two%20words'),
    'https://a.example/?t=********',
  )
})

it('what holds no secret stays what it is', () => {
  const { text, bytes } = redaction({ none: '', other: 'secret' })
  const binary = Buffer.from([0, 255, 128, 10])
  assert.equal(text('plain'), 'plain')
  assert.deepEqual(Buffer.from(bytes(binary)), binary)
})
