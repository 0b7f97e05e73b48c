import assert from 'node:assert/strict'
import { test } from 'node:test'
import { given, grantedNames, requireName } from '../../../../sandbox/host/capabilities/source-call.ts'
import { holder } from '../../../support/holder.ts'

test('a grant without bounds is all that there is, one with names is those', () => {
  assert.doesNotThrow(() => requireName(grantedNames(holder({ grant: true })), 'any'))
  const names = grantedNames(holder({ grant: { names: ['a'] } }))
  assert.doesNotThrow(() => requireName(names, 'a'))
  assert.throws(() => requireName(names, 'b'), { code: 'notAllowed', message: '"b" was not granted' })
})

test('a failure is thrown, anything else is what was given', () => {
  assert.deepEqual(given([{ failure: 'limit' }]), [{ failure: 'limit' }])
  assert.equal(given(false), false)
  assert.throws(() => given({ failure: 'limit', why: 'too much' }), { code: 'limit', message: 'too much' })
})
