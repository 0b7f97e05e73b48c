import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { closed, listOf, NUMBER, TEXT } from '../../../src/admin/route.ts'

test('a closed object has all that is named, but what is optional, and nothing else', () => {
  const fits = new Ajv().compile(closed({ name: TEXT, size: NUMBER }, ['size']))
  assert.deepEqual(
    [{ name: 'a' }, { name: 'a', size: 1 }, { size: 1 }, { name: 'a', more: 1 }].map((each) => fits(each)),
    [true, true, false, false],
  )
})

test('an answer with a list has it under its name', () => {
  const fits = new Ajv().compile(listOf('tokens', TEXT))
  assert.deepEqual([fits({ tokens: ['a'] }), fits({}), fits({ tokens: [1] })], [true, false, false])
})
