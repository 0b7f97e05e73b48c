import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { CERTIFICATE_NAMES, CERTIFICATE_NAME_CHARS } from '../../../src/base/limits.ts'
import { tlsFacts } from '../../../src/transport/certificate-facts.ts'
import { TestAuthority } from '../../support/certificates.ts'

const authority = new TestAuthority()

function factsOf(names: readonly string[], subject: readonly (readonly ['CN' | 'O', string])[] = []) {
  return tlsFacts(new X509Certificate(authority.issue(names, undefined, subject).cert), 'A.example')
}

test('the subject begins with its narrowest part, and no part can pass as two', () => {
  assert.equal(
    factsOf(
      ['x'],
      [
        ['O', 'Acme'],
        ['CN', 'meter'],
      ],
    ).subject,
    'CN=meter,O=Acme',
  )
  assert.equal(factsOf(['x'], [['CN', 'a,O=Acme']]).subject, String.raw`CN=a\,O=Acme`)
  assert.equal(factsOf(['x'], [['CN', 'a\nO=Acme']]).subject, String.raw`CN=a\0AO=Acme`)
})

test('alternative names have their kinds; a comma within one makes no second', () => {
  assert.deepEqual(factsOf(['a.example', '10.0.0.1', 'b, DNS:evil']).subjectAltNames, [
    'DNS:a.example',
    'IP Address:10.0.0.1',
    'DNS:b, DNS:evil',
  ])
})

test('what is too long is left out, and what is too much', () => {
  const long = 'x'.repeat(CERTIFICATE_NAME_CHARS + 1)
  assert.deepEqual(factsOf([long, 'short']).subjectAltNames, ['DNS:short'])
  assert.equal(factsOf(['x'], [['CN', long]]).subject, '')
  const many = Array.from({ length: CERTIFICATE_NAMES + 5 }, (_, place) => `n${place}`)
  assert.equal(factsOf(many).subjectAltNames.length, CERTIFICATE_NAMES)
})

test('without a certificate there is the server name alone', () => {
  assert.deepEqual(tlsFacts(undefined, 'A.example'), {
    subject: '',
    subjectAltNames: [],
    fingerprint256: '',
    serverName: 'a.example',
  })
})
