import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printable, printableFields } from '../../../src/observe/printable.ts'
import { anyText } from '../../support/any-text.ts'

/** Text with more of what is dangerous in it than chance would bring. */
const hostile = fc.array(
  fc.oneof(
    anyText({ maxLength: 5 }),
    fc.constantFrom('\n', '\r', '\u001b[2J', '\u0000', '\u0085', '\u2028', '\u202e', '\u061c', '\ud800'),
  ),
  { maxLength: 20 },
)

function isPrintable(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}|\p{Zl}|\p{Zp}|\p{Bidi_Control}/u.test(text)
}

test('nothing unprintable survives: no control, separator, bidirectional override, half character', () => {
  fc.assert(
    fc.property(hostile, (parts) => {
      assert.ok(isPrintable(printable(parts.join(''))))
    }),
  )
})

test('what was printable stays as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
      if (isPrintable(text)) assert.equal(printable(text), text)
    }),
  )
  assert.equal(printable('größe 尺寸 👩‍🔧'), 'größe 尺寸 👩‍🔧')
})

test('what was not is shown by its code', () => {
  assert.equal(printable('a\nb\u001b[31m\u202e'), 'a\\u000ab\\u001b[31m\\u202e')
})

test('a text is capped before it is shown, and the cut is visible', () => {
  assert.equal(printable('abcdef', 3), 'abc…')
  assert.equal(printable('abc', 3), 'abc')
  assert.ok(isPrintable(printable('👩👩', 1)))
})

test('fields keep plain values; strings, keys and what is deeper become printable text', () => {
  const fields = { n: 1, yes: true, none: null, text: 'a\nb', 'ke\ny': 'v', deep: { list: ['\u202e'] } }
  assert.deepEqual(printableFields(fields), {
    n: 1,
    yes: true,
    none: null,
    text: 'a\\u000ab',
    'ke\\u000ay': 'v',
    deep: '{"list":["\\u202e"]}',
  })
})

test('a field named __proto__ is a field like any other', () => {
  const fields = JSON.parse('{"__proto__":"x"}') as Record<string, unknown>
  assert.deepEqual(Object.entries(printableFields(fields)), [['__proto__', 'x']])
})

test('what a key calls a secret is not shown, however deep it lies', () => {
  const fields = { user: 'ann', password: 'hunter2', deep: { list: [{ apiToken: 'hunter2' }], a: 1 } }
  assert.deepEqual(printableFields(fields), {
    user: 'ann',
    password: '[secret]',
    deep: '{"list":[{"apiToken":"[secret]"}],"a":1}',
  })
})
