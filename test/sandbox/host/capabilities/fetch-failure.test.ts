import assert from 'node:assert/strict'
import { it } from 'node:test'
import { failure } from '../../../../sandbox/host/capabilities/fetch-failure.ts'
import { Refusal } from '../../../../sandbox/host/capabilities/power.ts'

function told(code: string): unknown {
  const refusal = failure(Object.assign(new Error('connect 10.0.0.5:443 /home'), { code }))
  assert.ok(refusal instanceof Refusal)
  assert.doesNotMatch(refusal.message, /10\.0|home/)
  return refusal.code
}

it("the network's errors are told in our words", () => {
  assert.deepEqual(
    ['UND_ERR_HEADERS_OVERFLOW', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED', 'ECONNREFUSED'].map(
      told,
    ),
    ['limit', 'unavailable', 'unavailable', 'unavailable'],
  )
})

it('a refusal, and a bug of ours, stay what they are', () => {
  for (const error of [new Refusal('limit', 'a'), new TypeError('x is not a function'), 'thrown']) {
    assert.equal(failure(error), error)
  }
})
