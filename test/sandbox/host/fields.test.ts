import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  flag,
  integer,
  list,
  Mistake,
  object,
  oneOf,
  pair,
  text,
  textMap,
} from '../../../sandbox/host/fields.ts'

function mistakeOf(read: unknown): string {
  return read instanceof Mistake ? read.text : assert.fail('it was accepted')
}

test('each field takes what it is for and nothing else', () => {
  assert.equal(flag(true), true)
  assert.match(mistakeOf(flag('true')), /true or false/)
  assert.equal(integer(0, 2)(2), 2)
  for (const odd of [3, -1, 0.5, Number.NaN, '1', null]) assert.match(mistakeOf(integer(0, 2)(odd)), /0 to 2/)
  assert.equal(oneOf('a', 'b')('b'), 'b')
  assert.match(mistakeOf(oneOf('a')('c')), /"a"/)
})

test('text is bounded in bytes, well-formed and without control characters', () => {
  const reason = text(8)
  assert.equal(reason('ok'), 'ok')
  assert.equal(reason('éééé'), 'éééé')
  for (const odd of ['ééééé', 'a\r\n', '\u0000', '\u009f', '\ud800', 7]) mistakeOf(reason(odd))
  assert.match(mistakeOf(text(8, 1)('')), /1 to 8/)
})

test('a mistake names its place', () => {
  const shape = object({ filters: list(object({ qos: integer(0, 2) }), 4) })
  assert.equal(
    mistakeOf(shape({ filters: [{}, { qos: 3 }] })),
    'filters[1].qos: must be an integer from 0 to 2',
  )
  assert.match(mistakeOf(shape({ filtres: [] })), /^"filtres": is unknown here; did you mean "filters"\?/)
  assert.match(mistakeOf(object({ a: flag }, ['a'])({})), /a: is missing/)
})

test('what is read is a frozen copy of own keys alone', () => {
  const given = { a: true }
  const read = object({ a: flag })(given)
  assert.deepEqual(read, given)
  assert.notEqual(read, given)
  assert.ok(Object.isFrozen(read))
  mistakeOf(object({ a: flag })(JSON.parse('{"__proto__":{"a":true}}')))
  assert.deepEqual(object({ a: flag })(Object.create({ a: true })), {})
})

test('a map may have any key, and __proto__ is one of them', () => {
  const attributes = textMap(text(16), text(16), 2)
  const read = attributes(JSON.parse('{"__proto__":"x"}')) as Record<string, string>
  assert.equal(Object.getPrototypeOf(read), null)
  assert.deepEqual(Object.keys(read), ['__proto__'])
  mistakeOf(attributes({ a: '1', b: '2', c: '3' }))
  assert.match(mistakeOf(attributes({ a: 1 })), /^"a": must be text/)
})

test('a pair has two texts', () => {
  const userProperty = pair(text(4))
  assert.deepEqual(userProperty(['k', 'v']), ['k', 'v'])
  for (const odd of [['k'], ['k', 'v', 'w'], 'kv', ['k', 1]]) mistakeOf(userProperty(odd))
})
