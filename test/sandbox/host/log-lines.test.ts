import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkLine } from '../../../sandbox/host/log-lines.ts'
import { LOG_TEXT_CHARS } from '../../../sandbox/limits.ts'

test('a line has a level, bounded text and fields', () => {
  const text = 'x'.repeat(LOG_TEXT_CHARS + 1)
  assert.deepEqual(checkLine(['info', text, { a: 1 }]), {
    level: 'info',
    text: text.slice(0, LOG_TEXT_CHARS),
    fields: { a: 1 },
  })
  assert.deepEqual(checkLine(['warn', 'x', [1]])?.fields, { value: [1] })
})

test('what no guest writes is no line, whatever it is', () => {
  for (const odd of [[], ['fatal', 'x'], ['info', 1], { 0: 'info', 1: 'x' }, null]) {
    assert.equal(checkLine(odd), undefined)
  }
  fc.assert(fc.property(fc.jsonValue(), (raw) => void checkLine(raw)))
})
