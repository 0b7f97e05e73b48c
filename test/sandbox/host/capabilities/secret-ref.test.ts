import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fillSecret, isSecretName, secretName } from '../../../../sandbox/host/capabilities/secret-ref.ts'
import { Mistake } from '../../../../sandbox/host/fields.ts'

it('a secret is named, perhaps with a text in front', () => {
  const name = secretName({ secret: 'token', prefix: 'Bearer ' })
  assert.ok(isSecretName(name))
  assert.equal(fillSecret(name, { token: 'value' }), 'Bearer value')
  for (const wrong of [
    {},
    { secret: '' },
    { secret: 1 },
    { secret: 'a', prefix: '\n' },
    { secret: 'x'.repeat(65) },
  ]) {
    assert.ok(secretName(wrong) instanceof Mistake)
  }
  assert.equal(isSecretName('text'), false)
})

it('a secret that is not there is told by the name that was asked for', () => {
  for (const secret of ['token', 'constructor', '__proto__']) {
    assert.throws(() => fillSecret({ secret }, {}), {
      code: 'unavailable',
      message: `no secret "${secret}": the plugin's \`secrets\` in the broker's config has none`,
    })
  }
})
