import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeUtf8, encodeUtf8Into, Utf8Decoder } from '../../../sandbox/globals/utf8.ts'
import { anyText } from '../../support/any-text.ts'

test('text becomes the bytes that Node makes of it, lone surrogates included', () => {
  fc.assert(
    fc.property(anyText(), fc.array(fc.nat(0xffff)), (text, units) => {
      const odd = text + String.fromCharCode(...units)
      assert.deepEqual(encodeUtf8(odd), new Uint8Array(new TextEncoder().encode(odd)))
    }),
  )
})

test('a code point is written whole or not at all', () => {
  const bytes = new Uint8Array(4)
  assert.deepEqual(encodeUtf8Into('aé€', bytes), { read: 2, written: 3 })
  assert.deepEqual([...bytes], [0x61, 0xc3, 0xa9, 0])
})

test('bytes decoded in pieces, split anywhere, are the text of the whole', () => {
  const bytes = fc.uint8Array({ maxLength: 40 })
  fc.assert(
    fc.property(bytes, fc.nat(40), (whole, at) => {
      const decoder = new Utf8Decoder(false)
      const text = decoder.decode(whole.subarray(0, at)) + decoder.decode(whole.subarray(at)) + decoder.end()
      assert.equal(text, new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole))
    }),
  )
})

test('of ill-formed bytes each maximal part is one replacement, or an error', () => {
  for (const bytes of [
    [0xc0, 0x80],
    [0xe0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f, 0x98],
    [0xf5],
    [0xf4, 0x90],
  ]) {
    const decoder = new Utf8Decoder(false)
    const text = decoder.decode(Uint8Array.from(bytes)) + decoder.end()
    assert.equal(text, new TextDecoder().decode(Uint8Array.from(bytes)))
    const strict = new Utf8Decoder(true)
    assert.throws(() => strict.decode(Uint8Array.from(bytes)) + strict.end(), TypeError)
  }
})
