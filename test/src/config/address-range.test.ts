import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAddressRange, SERVER_NAME } from '../../../src/config/address-range.ts'

test('an address, or one with as many bits as it can have', () => {
  for (const text of ['10.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', 'fd00::/8', '::/128']) {
    assert.ok(isAddressRange(text), text)
  }
  for (const text of [
    '',
    'localhost',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '/8',
  ]) {
    assert.ok(!isAddressRange(text), text)
  }
})

test('a server name has labels; a wildcard stands for the first alone', () => {
  for (const name of ['localhost', 'a.example', 'A-1.example', '*.example']) assert.match(name, SERVER_NAME)
  for (const name of ['', '.', 'a..b', '-a.example', '*', 'a.*.example', 'a.example:1', 'x'.repeat(254)]) {
    assert.doesNotMatch(name, SERVER_NAME)
  }
})
