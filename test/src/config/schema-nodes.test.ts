import assert from 'node:assert/strict'
import { it } from 'node:test'
import { byteSize, choice, flag, integer, map } from '../../../src/config/schema-nodes.ts'

it('a map takes the keys that it names and no others', () => {
  const properties = { a: flag('A.') }
  assert.deepEqual(map('M.', properties, { default: {} }), {
    description: 'M.',
    type: 'object',
    additionalProperties: false,
    properties,
    default: {},
  })
})

it('every node begins with what it means', () => {
  for (const node of [flag('x'), integer('x', 0, 1), choice('x', [1]), byteSize('x', 0, 1), map('x', {})]) {
    assert.equal(Object.keys(node)[0], 'description')
  }
})
