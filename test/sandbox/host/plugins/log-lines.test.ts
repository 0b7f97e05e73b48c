import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkLine } from '../../../../sandbox/host/plugins/log-lines.ts'
import { LOG_TEXT_CHARS } from '../../../../sandbox/limits.ts'

test('a line has a level, bounded text and fields', () => {
  const text = 'x'.repeat(LOG_TEXT_CHARS + 1)
  assert.deepEqual(checkLine(['info', text, { a: 1 }]), {
    level: 'info',
    text: text.slice(0, LOG_TEXT_CHARS),
    fields: { a: 1 },
  })
  assert.deepEqual(checkLine(['warn', 'x', [1]])?.fields, { value: [1] })
})

test('fields of any depth and size are a note about that', () => {
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level += 1) deep = [deep]
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [at, 1]))
  for (const odd of [{ deep }, deep, wide, { text: 'x'.repeat(5000) }, { ['k'.repeat(5000)]: 1 }]) {
    assert.deepEqual(checkLine(['info', 'x', odd])?.fields, { fields: 'too large' })
  }
})

test('what no guest writes is no line, whatever it is', () => {
  for (const odd of [[], ['fatal', 'x'], ['info', 1], { 0: 'info', 1: 'x' }, null]) {
    assert.equal(checkLine(odd), undefined)
  }
  fc.assert(fc.property(fc.jsonValue(), (raw) => void checkLine(raw)))
})
