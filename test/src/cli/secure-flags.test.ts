import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { Command } from 'commander'
import { addSecureFlags, secureOptions, type SecureFlags, wantsTls } from '../../../src/cli/secure-flags.ts'
import { TestAuthority } from '../../support/certificates.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const authority = new TestAuthority()
const own = authority.issue(['me'])
const folder = tempFolder({
  'ca.pem': authority.ca,
  'own.pem': own.cert,
  'own.key': own.key,
  'cas/0a1b2c3d.0': own.cert,
})
const at = (name: string): string => path.join(folder, name)

function flags(...words: readonly string[]): SecureFlags {
  return addSecureFlags(new Command().exitOverride().configureOutput({ outputError: () => undefined }))
    .parse(words, { from: 'user' })
    .opts<SecureFlags>()
}

it('who is to be trusted is read, and is what secures a connection', () => {
  const words = ['--cafile', at('ca.pem'), '--capath', at('cas')]
  assert.deepEqual(secureOptions(flags(...words)), { ca: [authority.ca, own.cert] })
  assert.deepEqual(
    [words, ['--tls-use-os-certs'], ['--insecure'], []].map((given) => wantsTls(flags(...given))),
    [true, true, false, false],
  )
})

it('the own certificate comes with its key', () => {
  assert.deepEqual(secureOptions(flags('--cert', at('own.pem'), '--key', at('own.key'))), own)
  assert.throws(() => secureOptions(flags('--cert', at('own.pem'))), { code: 'ERR_USAGE' })
})

it('version, protocol and ciphers are handed on, and --insecure looks away from the host alone', () => {
  const words = ['--tls-version', 'tlsv1.2', '--tls-alpn', 'mqtt', '--ciphers', 'HIGH', '--insecure']
  const { checkServerIdentity, ...rest } = secureOptions(flags(...words))
  assert.deepEqual(rest, {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    ALPNProtocols: ['mqtt'],
    ciphers: 'HIGH',
  })
  assert.equal(typeof checkServerIdentity, 'function')
})

it('a version that is none, or a file that is not there, is said', () => {
  assert.throws(() => flags('--tls-version', 'sslv3'), { code: 'commander.invalidArgument' })
  assert.throws(() => secureOptions(flags('--cafile', at('none'))), { code: 'ERR_CONFIG_READ' })
})
