import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseBindAddress } from '../../../src/config/bind-address.ts'

it('a bind address is a host and a port, an IPv6 host in brackets', () => {
  assert.deepEqual(parseBindAddress('127.0.0.1:1883'), { host: '127.0.0.1', port: 1883 })
  assert.deepEqual(parseBindAddress('localhost:0'), { host: 'localhost', port: 0 })
  assert.deepEqual(parseBindAddress('[fe80::1%eth0]:65535'), { host: 'fe80::1%eth0', port: 65_535 })
})

it('a bind address is nothing else', () => {
  for (const text of [
    '',
    '1883',
    ':1883',
    'host:',
    '::1:1883',
    'host:65536',
    'host:1x',
    'a b:1',
    '[]:1',
    'h:-1',
  ]) {
    assert.equal(parseBindAddress(text), undefined, text)
  }
})
