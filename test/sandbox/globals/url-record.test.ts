import assert from 'node:assert/strict'
import { test } from 'node:test'
import { originText, portOf, type UrlRecord, urlText } from '../../../sandbox/globals/url-record.ts'

const RECORD: UrlRecord = {
  scheme: 'foo',
  username: '',
  password: '',
  host: null,
  port: '',
  path: [],
  query: null,
  fragment: null,
}

test('the parts are put together so that they are read again as they were', () => {
  assert.equal(urlText({ ...RECORD, path: ['', 'a'] }), 'foo:/.//a')
  assert.equal(urlText({ ...RECORD, path: 'a@b', query: '', fragment: '' }), 'foo:a@b?#')
  const all = {
    ...RECORD,
    username: 'u',
    password: 'p',
    host: 'h',
    port: '1',
    path: ['x'],
    query: 'q',
    fragment: 'f',
  }
  assert.equal(urlText(all), 'foo://u:p@h:1/x?q#f')
  assert.equal(urlText({ ...RECORD, host: '', password: 'p' }), 'foo://:p@')
})

test('an origin is what a special scheme has, but for files', () => {
  assert.equal(originText({ ...RECORD, scheme: 'https', host: 'h', port: '8443' }), 'https://h:8443')
  assert.equal(originText({ ...RECORD, scheme: 'file', host: '' }), 'null')
  assert.equal(originText({ ...RECORD, host: 'h' }), 'null')
})

test('a scheme’s own port is not written', () => {
  assert.equal(portOf('wss', '443'), '')
  assert.equal(portOf('ws', '443'), '443')
  assert.equal(portOf('foo', '80'), '80')
})
