import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toScalarText, toText } from '../../../sandbox/globals/to-text.ts'

test('anything but a symbol has a text', () => {
  assert.deepEqual([toText(1), toText(null), toText({ toString: () => 'own' })], ['1', 'null', 'own'])
  assert.throws(() => toText(Symbol('s')), TypeError)
})

test('a lone surrogate becomes U+FFFD', () => {
  assert.equal(toScalarText('a\ud800b\u{1f600}'), 'a\ufffdb\u{1f600}')
})
