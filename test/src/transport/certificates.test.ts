import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { Certificates, type TlsSettings } from '../../../src/transport/certificates.ts'
import { TestAuthority } from '../../support/certificates.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const authority = new TestAuthority()
const [one, two] = [authority.issue(['localhost']), authority.issue(['*.example'])]
const folder = tempFolder({
  'one.pem': one.cert,
  'one.key': one.key,
  'two.pem': two.cert,
  'two.key': two.key,
  'locked.key': encrypted(one.key, 'pkcs8'),
  'locked-two.key': encrypted(two.key, 'pkcs8'),
  'old.key': encrypted(one.key, 'sec1'),
  'text.pem': 'no certificate',
  'ca.pem': authority.ca,
})
function encrypted(key: string, type: 'pkcs8' | 'sec1'): string {
  const options = { type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' } as const
  return createPrivateKey(key).export(options)
}

const file = (name: string): string => path.join(folder, name)
const SETTINGS: TlsSettings = {
  certFile: file('one.pem'),
  keyFile: file('one.key'),
  keyPassphrase: undefined,
  caFile: undefined,
  crlFile: undefined,
  clientCertificate: 'none',
  minVersion: 'TLSv1.2',
  ciphers: undefined,
  sni: new Map(),
  handshakeTimeoutSec: 10,
  maxHandshakes: 10,
}
const FILES = {
  certFile: file('two.pem'),
  keyFile: file('two.key'),
  keyPassphrase: undefined,
  caFile: undefined,
  crlFile: undefined,
}

describe('what cannot be used is named with its place and file', () => {
  for (const [over, message] of [
    [{ certFile: file('gone.pem') }, /^listener in: tls\.certFile: .*gone\.pem: ENOENT/],
    [{ certFile: file('text.pem') }, /tls\.certFile: .*text\.pem: /],
    [{ keyFile: file('one.pem') }, /tls\.keyFile: .*one\.pem: /],
    [{ keyFile: file('two.key') }, /tls\.keyFile: .*is not the key of the certificate in certFile/],
    [{ keyFile: file('locked.key') }, /tls\.keyFile: .*locked\.key: is encrypted and needs a keyPassphrase$/],
    [
      { keyFile: file('old.key'), keyPassphrase: 'sesame' },
      /old\.key: is encrypted and is not read with this keyPassphrase$/,
    ],
    [{ keyFile: file('locked-two.key'), keyPassphrase: 'open sesame' }, /is not the key of the certificate/],
    [{ caFile: file('text.pem') }, /tls\.caFile: /],
    [{ caFile: file('ca.pem'), crlFile: file('ca.pem') }, /tls\.crlFile: .*no certificate revocation list/],
    [{ ciphers: 'NONE-OF-THEM' }, /^listener in: tls: .*cipher/i],
    [
      { sni: new Map([['a.example', { ...FILES, keyFile: file('one.key') }]]) },
      /tls\.sni\.a\.example\.keyFile: /,
    ],
  ] as const) {
    test(String(message), () => {
      assert.throws(() => new Certificates('in', { ...SETTINGS, ...over }), { code: 'ERR_TLS', message })
    })
  }
})

for (const name of ['locked.key', 'old.key']) {
  test(`an encrypted key is read with its passphrase: ${name}`, () => {
    const settings = { ...SETTINGS, keyFile: file(name), keyPassphrase: 'open sesame' }
    const sni = new Map([['a.example', settings]])
    assert.ok(new Certificates('in', { ...settings, sni }).byName('a.example'))
  })
}

test('a name is found as it is, or by the level in front of it', () => {
  const sni = new Map([
    ['a.example', FILES],
    ['*.b.example', FILES],
  ])
  const certificates = new Certificates('in', { ...SETTINGS, sni })
  for (const name of ['a.example', 'A.EXAMPLE', 'x.b.example']) assert.ok(certificates.byName(name), name)
  for (const name of ['b.example', 'x.y.b.example', 'x.a.example', '*', '']) {
    assert.equal(certificates.byName(name), undefined, name)
  }
})

test('files that cannot be used any more leave everything as it was', () => {
  const certificates = new Certificates('in', { ...SETTINGS, sni: new Map([['a.example', FILES]]) })
  const [own, byName] = [certificates.own, certificates.byName('a.example')]
  writeFileSync(file('two.pem'), one.cert)
  assert.throws(() => certificates.reload(), { code: 'ERR_TLS' })
  assert.equal(certificates.own, own)
  assert.equal(certificates.byName('a.example'), byName)
  writeFileSync(file('two.pem'), two.cert)
  certificates.reload()
  assert.notEqual(certificates.byName('a.example'), byName)
})

test('every file is known once', () => {
  const sni = new Map([['a.example', { ...FILES, keyFile: file('one.key'), caFile: file('ca.pem') }]])
  assert.deepEqual(
    new Set(new Certificates('in', { ...SETTINGS, sni: new Map() }).files),
    new Set([file('one.pem'), file('one.key')]),
  )
  assert.throws(() => new Certificates('in', { ...SETTINGS, sni }))
})
