import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseUrl } from '../../../sandbox/globals/parse-url.ts'
import { setHost, setPathname, setPort, setScheme } from '../../../sandbox/globals/set-url-part.ts'
import { type UrlRecord, urlText } from '../../../sandbox/globals/url-record.ts'

// that setters do as Node's do is url.test.ts's matter, by random texts

function after(start: string, change: (url: UrlRecord) => void): string {
  const url = parseUrl(start)
  change(url)
  return urlText(url)
}

test('a scheme changes only within its kind', () => {
  assert.equal(
    after('http://a:443/', (url) => setScheme(url, 'HTTPS:')),
    'https://a/',
  )
  assert.equal(
    after('http://a/', (url) => setScheme(url, 'foo')),
    'http://a/',
  )
  assert.equal(
    after('http://u@a/', (url) => setScheme(url, 'file')),
    'http://u@a/',
  )
})

test('a host may bring a port where it may, and ends where a path would begin', () => {
  assert.equal(
    after('http://a/', (url) => setHost(url, 'b:81/x', true)),
    'http://b:81/',
  )
  assert.equal(
    after('http://a/', (url) => setHost(url, 'b:81', false)),
    'http://a/',
  )
  assert.equal(
    after('http://a/', (url) => setHost(url, '', true)),
    'http://a/',
  )
  assert.equal(
    after('file:///x', (url) => setHost(url, 'localhost', true)),
    'file:///x',
  )
})

test('a port is the digits that it begins with', () => {
  assert.equal(
    after('http://a:1/', (url) => setPort(url, '82x')),
    'http://a:82/',
  )
  assert.equal(
    after('http://a:1/', (url) => setPort(url, 'x')),
    'http://a:1/',
  )
  assert.equal(
    after('http://a:1/', (url) => setPort(url, '')),
    'http://a/',
  )
})

test('a path of no hierarchy stays', () => {
  assert.equal(
    after('mailto:a', (url) => setPathname(url, 'b')),
    'mailto:a',
  )
  assert.equal(
    after('http://a/x', (url) => setPathname(url, 'y?z')),
    'http://a/y%3Fz',
  )
})
