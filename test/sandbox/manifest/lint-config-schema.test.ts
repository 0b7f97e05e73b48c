import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { lintConfigSchema } from '../../../sandbox/manifest/lint-config-schema.ts'

const option = (schema: unknown): unknown => ({ type: 'object', properties: { a: schema } })

function deepList(levels: number): unknown {
  return levels === 0 ? [] : [deepList(levels - 1)]
}

function nested(levels: number): unknown {
  return levels === 1 ? { type: 'object' } : { type: 'object', properties: { a: nested(levels - 1) } }
}

test('everything of the subset passes', () => {
  const schema = {
    type: 'object',
    description: 'all of it',
    properties: {
      text: { type: 'string', minLength: 1, maxLength: 5, default: 'abc', secret: true },
      number: { type: ['number', 'null'], minimum: 0, maximum: 1.5, default: null },
      list: { type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 3, default: [1] },
      choice: { enum: ['a', 1, null, true] },
      fixed: { const: 'x' },
      map: { type: 'object', additionalProperties: { type: 'boolean' }, default: { a: true } },
    },
    required: ['choice'],
    additionalProperties: false,
  }
  assert.equal(lintConfigSchema(schema), undefined)
})

suite('what is refused, and how it is named', () => {
  for (const [name, schema, message] of [
    ['no schema', 7, /^config: expected a schema/],
    ['options that are no map', { type: 'array' }, /type must be "object"/],
    ['a pattern', option({ type: 'string', pattern: 'a' }), /^config\.properties\.a: "pattern" is outside/],
    ['a reference', option({ $ref: '#' }), /"\$ref" is outside/],
    ['a choice of schemas', option({ anyOf: [] }), /"anyOf" is outside/],
    ['a key that was mistyped', option({ type: 'string', maxLenght: 1 }), /did you mean "maxLength"/],
    ['a type that is none', option({ type: 'text' }), /a\.type: expected one of object, array/],
    ['two types, none of them null', option({ type: ['string', 'number'] }), /a\.type: expected one of/],
    ['nothing that says what is expected', option({ description: 'x' }), /say what is expected/],
    [
      'a bound that is none',
      option({ type: 'string', maxLength: -1 }),
      /a\.maxLength: expected a whole number/,
    ],
    ['an open end', option({ type: 'object', additionalProperties: true }), /expected false or a schema/],
    [
      'a requirement that cannot be met',
      { type: 'object', required: ['b'] },
      /"b" is not among the properties/,
    ],
    [
      'a default of another type',
      option({ type: 'string', default: 5 }),
      /a\.default does not fit its own schema/,
    ],
    [
      'a default inside a list',
      option({ type: 'array', items: { type: 'string', default: 5 } }),
      /items\.default/,
    ],
    ['a default outside its bounds', option({ type: 'integer', maximum: 3, default: 4 }), /at most 3, got 4/],
    ['a default too deep', option({ type: 'array', default: deepList(99) }), /8 levels/],
    [
      'an option called __proto__',
      JSON.parse('{"type":"object","properties":{"__proto__":{}}}'),
      /__proto__/,
    ],
    ['more levels', nested(9), /more than 8 levels/],
    [
      'more parts',
      {
        type: 'object',
        properties: Object.fromEntries(Array.from({ length: 256 }, (_, i) => [i, { const: i }])),
      },
      /more than 256 parts/,
    ],
    ['more text', option({ type: 'string', description: 'x'.repeat(17_000) }), /has 17 KiB; the limit is 16/],
  ] as const) {
    test(name, () => assert.match(lintConfigSchema(schema) ?? '', message))
  }

  test('eight levels are not too many', () => assert.equal(lintConfigSchema(nested(8)), undefined))
})
