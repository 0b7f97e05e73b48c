import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TextEncoder as Ours } from '../../../sandbox/globals/text-encoder.ts'
import { anyText } from '../../support/any-text.ts'

test('TextEncoder encodes any text as Node does', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      assert.deepEqual(new Ours().encode(text), new Uint8Array(new TextEncoder().encode(text)))
    }),
  )
  assert.deepEqual(new Ours().encode(), new Uint8Array(0))
  assert.deepEqual(new Ours().encode(12), Uint8Array.of(0x31, 0x32))
  assert.equal(new Ours().encoding, 'utf-8')
})

test('encodeInto stops where there is no more room, as Node does', () => {
  fc.assert(
    fc.property(anyText(), fc.nat(20), (text, size) => {
      const [ours, theirs] = [new Uint8Array(size), new Uint8Array(size)]
      assert.deepEqual(new Ours().encodeInto(text, ours), new TextEncoder().encodeInto(text, theirs))
      assert.deepEqual(ours, theirs)
    }),
  )
  assert.throws(() => new Ours().encodeInto('a', [] as unknown as Uint8Array), TypeError)
})
