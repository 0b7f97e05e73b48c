import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import {
  certificateMistake,
  readAuthorities,
  readCertificates,
  readKey,
} from '../../../src/config/pem-files.ts'
import { TestAuthority } from '../../support/certificates.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const authority = new TestAuthority()
const { cert, key } = authority.issue(['localhost'])
const folder = tempFolder({
  'ca.pem': authority.ca,
  'key.pem': key,
  'cert.pem': cert,
  'broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  'large.pem': ' '.repeat(1_048_577),
  'authorities/0a1b2c3d.0': authority.ca,
  'authorities/0a1b2c3d.1': cert,
  'authorities/notes.txt': 'not for us',
})
const at = (name: string): string => path.join(folder, name)

it('certificates and keys are read as they are', () => {
  assert.equal(readCertificates(at('ca.pem')), authority.ca)
  assert.equal(readKey(at('key.pem')), key)
  assert.equal(certificateMistake(cert), undefined)
})

it("a folder gives the files that have OpenSSL's names, and no others", () => {
  assert.deepEqual(readAuthorities(at('authorities')).toSorted(), [authority.ca, cert].toSorted())
})

function refused(read: () => unknown, message: RegExp): void {
  assert.throws(read, { code: 'ERR_CONFIG_READ', message })
}

it('what is not there, is none or is too large is said with its path', () => {
  refused(() => readCertificates(at('none.pem')), /ENOENT.*none\.pem/)
  refused(() => readCertificates(at('key.pem')), /key\.pem: there is no certificate in it/)
  refused(() => readCertificates(at('broken.pem')), /broken\.pem: its certificate cannot be read/)
  refused(() => readCertificates(at('large.pem')), /large\.pem is larger than 1048576 bytes/)
  refused(() => readKey(at('cert.pem')), /cert\.pem holds no private key/)
  refused(() => readAuthorities(folder), /has no file such as .*openssl rehash/)
  refused(() => readAuthorities(at('ca.pem')), /ENOTDIR/)
})
