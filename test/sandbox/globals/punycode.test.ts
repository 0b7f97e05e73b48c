import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodePunycode, encodePunycode } from '../../../sandbox/globals/punycode.ts'

test('the samples of RFC 3492, 7.1', () => {
  const samples = [
    ['他们为什么不说中文', 'ihqwcrb4cv8a8dqg056pqjye'],
    ['porquénopuedensimplementehablarenespañol', 'porqunopuedensimplementehablarenespaol-fmd56a'],
    ['3年b組金八先生', '3b-ww4c5e180e575a65lsy2b'],
    ['安室奈美恵-with-super-monkeys', '-with-super-monkeys-pc58ag80a8qai00g7n9n'],
  ] as const
  for (const [text, punycode] of samples) {
    assert.equal(encodePunycode(text), punycode)
    assert.equal(decodePunycode(punycode), text)
  }
})

test('what was encoded is decoded again', () => {
  const label = fc.array(
    fc.integer({ min: 0x80, max: 0x2ffff }).filter((each) => each < 0xd800 || each > 0xdfff),
  )
  fc.assert(
    fc.property(label, fc.stringMatching(/^[a-z0-9-]{0,10}$/), (codePoints, ascii) => {
      const text = ascii + String.fromCodePoint(...codePoints)
      assert.equal(decodePunycode(encodePunycode(text) ?? ''), text)
    }),
  )
})

test('what is no Punycode has no text, and takes no time', () => {
  for (const text of ['ü', 'a b', '99999999', 'zzzzzzzz', 'a-'.repeat(200)]) {
    assert.equal(decodePunycode(text), undefined, text)
  }
  assert.equal(encodePunycode('ü'.repeat(257)), undefined)
})
