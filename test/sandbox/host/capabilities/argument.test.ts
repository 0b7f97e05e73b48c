import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checked, invalid, operations } from '../../../../sandbox/host/capabilities/argument.ts'
import { text } from '../../../../sandbox/host/fields.ts'
import { REFUSAL_CHARS } from '../../../../sandbox/limits.ts'

const FIELD = operations({ get: [{ key: text(8) }, ['key']], list: [{}, []] })

test('an argument is a copy of what was checked, and of nothing else', () => {
  const argument = { op: 'get', key: 'k' }
  const copy = checked(FIELD, argument)
  assert.deepEqual(copy, argument)
  assert.notEqual(copy, argument)
})

const refused = (argument: unknown, message: RegExp): void =>
  assert.throws(() => checked(FIELD, argument), { name: 'Refusal', code: 'invalid', message })

test('what does not fit is refused with its place', () => {
  refused(null, /^must be an object$/)
  refused([], /^must be an object$/)
  refused({}, /^op: must be one of get, list$/)
  refused({ op: 'constructor' }, /^op: must be/)
  refused({ op: ['get'], key: 'k' }, /^.*op: must be/)
  refused({ op: 'get' }, /^key: is missing$/)
  refused({ op: 'get', key: 7 }, /^\.?key: must be text/)
  refused({ op: 'list', key: 'k' }, /key.*unknown/)
  refused(JSON.parse('{"op":"list","__proto__":{}}'), /__proto__.*unknown/)
})

test('a refusal is no longer than what a plugin reads of one', () => {
  assert.equal(invalid('x'.repeat(10_000)).message.length, REFUSAL_CHARS)
})
