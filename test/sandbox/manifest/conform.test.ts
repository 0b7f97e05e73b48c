import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { conform } from '../../../sandbox/manifest/conform.ts'
import type { ConfigSchema } from '../../../sandbox/sdk/config-schema.ts'

function mistakesOf(schema: ConfigSchema, value: unknown): readonly string[] {
  const mistakes = { list: [], most: 20 }
  conform(schema, value, 'a', mistakes)
  return mistakes.list
}

suite('nothing is coerced', () => {
  const values: readonly unknown[] = ['', '7', 7, 7.5, true, null, [], {}]
  const fitting: Readonly<Record<string, readonly unknown[]>> = {
    string: ['', '7'],
    number: [7, 7.5],
    integer: [7],
    boolean: [true],
    null: [null],
    array: [[]],
    object: [{}],
  }
  for (const [type, fits] of Object.entries(fitting)) {
    test(`${type} is ${fits.map((each) => JSON.stringify(each)).join(' or ')}`, () => {
      for (const value of values) {
        const expected = fits.some((each) => JSON.stringify(each) === JSON.stringify(value))
        assert.equal(
          mistakesOf({ type: type as 'string' }, value).length === 0,
          expected,
          JSON.stringify(value),
        )
      }
    })
  }

  test('a number is finite, a whole number is exact', () => {
    assert.equal(mistakesOf({ type: 'number' }, Number.POSITIVE_INFINITY).length, 1)
    assert.equal(mistakesOf({ type: 'integer' }, 2 ** 53).length, 1)
  })
})

suite('a mistake says what was expected and what was given', () => {
  for (const [schema, value, message] of [
    [{ type: ['string', 'null'] }, 5, 'option `a`: expected a string or null, got 5'],
    [{ type: 'integer' }, '5', 'option `a`: expected a whole number, got the string "5"'],
    [{ enum: ['low', 'high'] }, 'hgih', 'option `a`: expected one of "low", "high", got the string "hgih"'],
    [{ const: 7 }, [7], 'option `a`: expected 7, got a list'],
    [{ type: 'string', minLength: 2 }, '💡', 'option `a`: expected at least 2 characters, got 1'],
    [{ type: 'array', maxItems: 1 }, [1, 2], 'option `a`: expected at most 1 items, got 2'],
    [{ type: 'boolean', secret: true }, 'hunter2', 'option `a`: expected true or false, got a string'],
  ] as const) {
    test(message, () => assert.deepEqual(mistakesOf(schema, value), [message]))
  }
})

test('what fits its schema comes out as it went in, and comes out the same the second time', () => {
  const schema: ConfigSchema = {
    type: 'object',
    properties: { on: { type: 'boolean', default: true } },
    additionalProperties: { type: 'array', items: { type: ['string', 'null'] } },
  }
  const names = fc.string().filter((name) => name !== 'on' && name !== '__proto__')
  const options = fc.dictionary(names, fc.array(fc.option(fc.string())))
  fc.assert(
    fc.property(options, (given) => {
      const mistakes = { list: [], most: 1 }
      const once = conform(schema, given, '', mistakes)
      assert.deepEqual(once, { ...given, on: true })
      assert.deepEqual(conform(schema, once, '', mistakes), once)
      assert.deepEqual(mistakes.list, [])
    }),
  )
})
