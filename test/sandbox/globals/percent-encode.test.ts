import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ENCODED, percentDecode, percentEncode } from '../../../sandbox/globals/percent-encode.ts'
import { anyText } from '../../support/any-text.ts'

/** What Node makes of a text in each part of a URL. */
const IN_NODE = {
  control: (text: string) => new URL(`foo:x${text}x`).pathname.slice(1, -1),
  fragment: (text: string) => new URL(`foo:#x${text}x`).hash.slice(2, -1),
  query: (text: string) => new URL(`foo:?x${text}x`).search.slice(2, -1),
  specialQuery: (text: string) => new URL(`http://a?x${text}x`).search.slice(2, -1),
  path: (text: string) => new URL(`foo:/x${text}x`).pathname.slice(2, -1),
  userinfo: (text: string) => Object.assign(new URL('http://a'), { username: text }).username,
  form: (text: string) => new URLSearchParams({ k: text }).toString().slice(2).replace('+', '%20'),
} as const

test('each set has the characters that Node encodes in that part', () => {
  for (let code = 0; code < 0x100; code += 1) {
    const character = String.fromCharCode(code)
    if ('\t\n\r?#'.includes(character)) continue // they never get there
    for (const part of ['control', 'fragment', 'query', 'specialQuery', 'path', 'userinfo', 'form'] as const)
      assert.equal(percentEncode(character, ENCODED[part]), IN_NODE[part](character), `${part} ${code}`)
  }
})

test('what was encoded is decoded again', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const wellFormed = text.toWellFormed()
      assert.equal(percentDecode(percentEncode(wellFormed, ENCODED.form)), wellFormed)
    }),
  )
})

// ASCII alone: beside an ill-formed escape, Node damages whatever else there is
test('what is no escape, or no UTF-8, is decoded as Node does', () => {
  const pieces = fc.constantFrom('%', '%4', '%41', '%zz', '%c3', '%a9', '%F0%9f%98%80', '%ff', 'a')
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (texts) => {
      const text = texts.join('')
      assert.equal(percentDecode(text), new URLSearchParams(`k=${text}`).get('k'))
    }),
  )
})
