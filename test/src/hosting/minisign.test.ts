import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { parsePublicKey, verifySignature } from '../../../src/hosting/minisign.ts'

// all of it made by minisign 0.11
const PUBLIC = `untrusted comment: minisign public key B4FD8185B319BBE8
RWTouxmzhYH9tBgjvM1d8db9UKT4VaKNE1SLc1UZ1BcqnPL1w/1L6wVL
`
const PREHASHED = `untrusted comment: signature from minisign secret key
RUTouxmzhYH9tLZvt2iKnjJZcgmF1vdtQCs12XkZk8sC3cJqXYKrHRv8+FtaqkGE4MfAmsf4eHWuSr09z4vuZ0lYiBHGp5bhVAg=
trusted comment: trusted: v1
BS4Jnjj2z1VI5rfgGn0+deonkapiJggh3bAXNFK4nDRE9PHUh58esPTP95uPDB/wG11XPYBO1sIbabhzG0iyDg==
`
const LEGACY = `untrusted comment: signature from minisign secret key
RWTouxmzhYH9tEERr9W61G8fAQZZzpp2WQ0aJ9+M3WkAQjorMKii7gseiUK2rLzzsMG6+sbJUDeM8upj3xCrOp9OWpLvNl4BMQs=
trusted comment: legacy one
dmj8wkXMBxOiMkF91zxEdYLKL+5dZ9xRUr4oeuvgdzJn2n2wWrklL1HNmMLqUc3HTszAK3XeynF2BDdQzHmUDQ==
`
const BYTES = Buffer.from('hello bundle')
const KEY = parsePublicKey(PUBLIC)
const refused = { code: 'ERR_PLUGIN_SIGNATURE' }
const lines = (text: string, change: (all: string[]) => void): string => {
  const all = text.split('\n')
  change(all)
  return all.join('\n')
}

test('a key is read with its comment or alone, and is called as minisign calls it', () => {
  assert.equal(KEY.id, 'B4FD8185B319BBE8')
  assert.equal(parsePublicKey(PUBLIC.split('\n')[1] ?? '').id, KEY.id)
  for (const none of ['', 'RWTouxmz', PREHASHED, `${PUBLIC}${PUBLIC}`, PUBLIC.replace('RWT', 'RUT')])
    assert.throws(() => parsePublicKey(none), refused)
})

describe('a signature', () => {
  it('of either kind, by a trusted key, is right, and says what else that key vouches for', () => {
    assert.deepEqual(verifySignature(BYTES, PREHASHED, [KEY]), {
      keyId: KEY.id,
      trustedComment: 'trusted: v1',
    })
    assert.equal(verifySignature(BYTES, LEGACY, [KEY]).trustedComment, 'legacy one')
    assert.equal(verifySignature(BYTES, PREHASHED.replaceAll('\n', '\r\n'), [KEY]).keyId, KEY.id)
  })

  for (const [what, text] of [
    ['with its trusted comment changed', PREHASHED.replace('trusted: v1', 'trusted: v2')],
    [
      'with the trusted comment of another one',
      lines(PREHASHED, (all) => all.splice(2, 2, ...LEGACY.split('\n').slice(2, 4))),
    ],
    ['of the one kind that calls itself the other', PREHASHED.replace('RUT', 'RWT')],
    ['of the other kind that calls itself the one', LEGACY.replace('RWT', 'RUT')],
    ['of a kind that is not known', PREHASHED.replace('RUT', 'RXT')],
    ['cut short', PREHASHED.slice(0, 120)],
    ['with something behind it', `${PREHASHED}more\n`],
    ['without comments', lines(PREHASHED, (all) => all.splice(0, 1))],
    [
      'written with other letters of the same value',
      PREHASHED.replace('AAg=', 'AAh=').replace('VAg=', 'VAh='),
    ],
    ['of too many characters', PREHASHED.replace('trusted: v1', 'x'.repeat(5000))],
    ['that is none', 'hello'],
  ] as const)
    it(`${what} is refused`, () => {
      assert.throws(() => verifySignature(BYTES, text, [KEY]), refused)
    })

  it('of other bytes, or by a key that nobody trusts, is refused', () => {
    assert.throws(() => verifySignature(Buffer.from('hello bundlf'), PREHASHED, [KEY]), /not of these bytes/)
    assert.throws(
      () => verifySignature(BYTES, PREHASHED, []),
      /B4FD8185B319BBE8, which the tenant does not trust/,
    )
    const other = { ...KEY, id: '0000000000000000' }
    assert.throws(() => verifySignature(BYTES, PREHASHED, [other]), refused)
  })
})
