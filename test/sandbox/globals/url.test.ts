import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { URL as Ours } from '../../../sandbox/globals/url.ts'
import { urlText } from '../../support/url-texts.ts'

// biome-ignore format: a table
const PARTS = [
  'href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search',
  'hash',
] as const
const SETTERS = PARTS.filter((part) => part !== 'origin')

function partsOf(url: Ours | URL | null): string[] | null {
  return url === null ? null : PARTS.map((part) => `${part} ${url[part]}`)
}

/** Whether a text leads to a host beyond ASCII, or to Punycode: domain.test.ts compares those. */
function isForeign(...texts: (string | undefined)[]): boolean {
  return texts.some((text) => text !== undefined && /xn--|[^\t-~]/i.test(text))
}

test('any text is the URL that Node makes of it, alone and with a base, or none', () => {
  fc.assert(
    fc.property(urlText, fc.option(urlText, { nil: undefined }), (text, base) => {
      const theirs = URL.parse(text, base)
      if (isForeign(theirs?.hostname)) return
      assert.deepEqual(partsOf(Ours.parse(text, base)), partsOf(theirs))
      assert.equal(Ours.canParse(text, base), URL.canParse(text, base))
    }),
    { numRuns: 5000 },
  )
})

test('any part set to any text changes as Node changes it', () => {
  fc.assert(
    fc.property(urlText, fc.constantFrom(...SETTERS), urlText, (start, part, text) => {
      const [ours, theirs] = [Ours.parse(start), URL.parse(start)]
      if (ours === null || theirs === null || isForeign(theirs.hostname, text)) return
      if (part === 'href' && !URL.canParse(text)) {
        assert.throws(() => Object.assign(ours, { href: text }), TypeError)
      } else {
        Object.assign(ours, { [part]: text })
        Object.assign(theirs, { [part]: text })
      }
      assert.deepEqual(partsOf(ours), partsOf(theirs))
    }),
    { numRuns: 5000 },
  )
})

test('searchParams and the URL follow each other', () => {
  const url = new Ours('http://a/?x=1#f')
  const { searchParams } = url
  searchParams.append('y', 'a b')
  assert.equal(url.href, 'http://a/?x=1&y=a+b#f')
  url.search = '?z'
  assert.equal(searchParams.get('z'), '')
  url.href = 'http://b/?w=1'
  assert.equal(searchParams.toString(), 'w=1')
  searchParams.delete('w')
  assert.equal(url.href, 'http://b/')
  assert.equal(url.searchParams, searchParams)
})

test('it has a text, a JSON and a name', () => {
  const url = new Ours('a', 'http://h/')
  assert.equal(url.toString(), 'http://h/a')
  assert.equal(JSON.stringify({ url }), '{"url":"http://h/a"}')
  assert.equal(Object.prototype.toString.call(url), '[object URL]')
  assert.throws(() => new Ours('a'), TypeError)
})
