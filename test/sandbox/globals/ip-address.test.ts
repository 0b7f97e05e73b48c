import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { endsInNumber, parseIpv4, parseIpv6 } from '../../../sandbox/globals/ip-address.ts'

const part = fc.oneof(
  fc.constantFrom(
    '0',
    '00',
    '08',
    '010',
    '0x',
    '0x10',
    '0Xff',
    '',
    '256',
    '65536',
    '16777216',
    '4294967295',
    '4294967296',
    'a',
    '1e3',
  ),
  fc.nat(300).map(String),
)

test('an IPv4 address in any of its forms is the one that Node reads, or none', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const text = parts.join('.')
      const theirs = URL.parse(`http://${text}`)?.hostname
      if (endsInNumber(text)) assert.equal(parseIpv4(text), theirs)
      else if (text !== '') assert.equal(theirs, text.toLowerCase())
    }),
    { numRuns: 3000 },
  )
})

test('an IPv6 address is the one that Node reads, in its one short form, or none', () => {
  const piece = fc.constantFrom(
    '0',
    '0',
    '1',
    'ABCD',
    '00ff',
    '12345',
    '',
    '1.2.3.4',
    '256.1.1.1',
    '01.2.3.4',
    'g',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const text = pieces.join(':')
      const ours = parseIpv6(text)
      assert.equal(
        ours === undefined ? undefined : `[${ours}]`,
        URL.parse(`http://[${text}]`)?.hostname,
        text,
      )
    }),
    { numRuns: 3000 },
  )
  fc.assert(
    fc.property(
      fc.ipV6().filter((text) => !text.includes('%')),
      (text) => {
        assert.equal(`[${parseIpv6(text)}]`, new URL(`http://[${text}]`).hostname)
      },
    ),
  )
})
