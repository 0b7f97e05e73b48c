import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutPort, parseUrl } from '../../../sandbox/globals/parse-url.ts'
import { urlText } from '../../../sandbox/globals/url-record.ts'

// that it parses as Node does is url.test.ts's matter, by random texts

test('a refusal says what is missing', () => {
  assert.throws(() => parseUrl('//a'), /^TypeError: Invalid URL: it has no scheme, and there is no base$/)
  assert.throws(() => parseUrl('x', parseUrl('mailto:a')), /nothing is relative to a mailto: URL/)
  assert.throws(() => parseUrl('http://'), /there is no host/)
  assert.throws(() => parseUrl('http://a:65536'), /the port is no number up to 65535/)
  assert.throws(() => parseUrl('http://[::'), /the host is no IPv6 address/)
})

test('a relative text takes from the base what it does not say itself', () => {
  const base = parseUrl('http://u:p@h:8/a/b?q#f')
  const resolved = (text: string): string => urlText(parseUrl(text, base))
  assert.equal(resolved(''), 'http://u:p@h:8/a/b?q')
  assert.equal(resolved('?x'), 'http://u:p@h:8/a/b?x')
  assert.equal(resolved('c'), 'http://u:p@h:8/a/c')
  assert.equal(resolved('/c'), 'http://u:p@h:8/c')
  assert.equal(resolved('\\\\x'), 'http://x/')
  assert.equal(resolved('http:c'), 'http://u:p@h:8/a/c')
  assert.equal(resolved('https:c'), 'https://c/')
})

test('a colon inside of brackets begins no port', () => {
  assert.deepEqual(cutPort('[::1]:80'), ['[::1]', '80'])
  assert.deepEqual(cutPort('a:'), ['a', ''])
  assert.deepEqual(cutPort('a'), ['a', null])
})
