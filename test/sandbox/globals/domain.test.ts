import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { domainToAscii } from '../../../sandbox/globals/domain.ts'

function ascii(domain: string): string | undefined {
  const result = domainToAscii(domain)
  return 'ascii' in result ? result.ascii : undefined
}

function inNode(domain: string): string | undefined {
  return URL.parse(`http://${domain}`)?.hostname
}

test('the letters of Unicode that are taken become what Node makes of them', () => {
  let taken = 0
  for (let codePoint = 0x80; codePoint <= 0x323af; codePoint += codePoint < 0x3400 ? 1 : 13) {
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue
    const domain = `a${String.fromCodePoint(codePoint)}b`
    const ours = ascii(domain)
    if (ours === undefined) continue
    taken += 1
    assert.equal(ours, inNode(domain), `U+${codePoint.toString(16)}`)
  }
  assert.ok(taken > 4000, `only ${taken} were taken`)
})

test('what is taken of random words is what Node makes of them', () => {
  const word = fc.string({
    unit: fc.constantFrom(...Array.from('aZ0-.。．_xnßςΣσϲéÉ中ーカｶﾞʼnğİıΐ가한ｘ')),
    maxLength: 10,
  })
  fc.assert(
    fc.property(word, (domain) => {
      const ours = ascii(domain)
      // what ends in a number is an address, which is not a domain's matter
      const isAddress = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i.test(ours ?? '')
      if (ours !== undefined && !isAddress && !/^\.*$/.test(ours)) assert.equal(ours, inNode(domain))
    }),
    { numRuns: 2000 },
  )
})

test('names that people have are taken', () => {
  assert.equal(ascii('München.DE'), 'xn--mnchen-3ya.de')
  assert.equal(ascii('日本語。jp'), 'xn--wgv71a119e.jp')
  assert.equal(ascii('ΦΩΣ.gr'), inNode('ΦΩΣ.gr'))
  assert.equal(ascii('пример.испытание'), 'xn--e1afmkfd.xn--80akhbyknj4f')
  assert.equal(ascii('한국.kr'), 'xn--3e0b707e.kr')
  assert.equal(ascii('xn--mnchen-3ya.de'), 'xn--mnchen-3ya.de')
})

test('what is outside of the letters known here is refused by name', () => {
  for (const domain of [
    '😀.com',
    'a\u200db',
    'שלום',
    'xn--',
    'xn--e28h',
    'XN--a',
    'ｘｎ--mnchen-3ya',
    'xn--abc-',
  ]) {
    assert.equal(ascii(domain), undefined, domain)
  }
  assert.deepEqual(domainToAscii('a.😀'), {
    refused: 'the host\'s "😀" is outside of the letters known here',
  })
})
