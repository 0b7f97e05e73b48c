import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHost } from '../../../sandbox/globals/url-host.ts'

test('each forbidden character is refused, each other one is taken as Node takes it', () => {
  for (let code = 0; code < 0x80; code += 1) {
    const text = `a${String.fromCharCode(code)}b`
    if ('\t\n\r/?#@:\\'.includes(text.charAt(1))) continue // they end a host, or are taken out before
    for (const special of [true, false]) {
      const ours = parseHost(text, special)
      const theirs = URL.parse(`${special ? 'http' : 'foo'}://${text}/`)?.hostname
      assert.equal('host' in ours ? ours.host : undefined, theirs, `${special} ${code}`)
    }
  }
})

test('a refusal says why', () => {
  assert.deepEqual(parseHost('[::1', true), { refused: 'the host is no IPv6 address' })
  assert.deepEqual(parseHost('1.2.3.4.5', true), { refused: 'the host is no IPv4 address' })
  assert.deepEqual(parseHost('a b', true), { refused: 'the host has a character that no host may have' })
  assert.deepEqual(parseHost('%', true), { refused: 'the host has a character that no host may have' })
})

test('a host is decoded before it is judged', () => {
  assert.deepEqual(parseHost('%31%32%37.1', true), { host: '127.0.0.1' })
  assert.deepEqual(parseHost('a%2fb', true), { refused: 'the host has a character that no host may have' })
})
