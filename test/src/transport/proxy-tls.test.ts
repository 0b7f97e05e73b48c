import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readProxyHeader } from '../../../src/transport/proxy-header.ts'
import { readProxyTls } from '../../../src/transport/proxy-tls.ts'
import { binaryHeader, tlsFact } from '../../support/proxy-header.ts'

const AUTHORITY = [0x02, Buffer.from('MQTT.example')] as const

function factsOf(...facts: readonly (readonly [number, Buffer])[]): unknown {
  const read = readProxyHeader(binaryHeader({ source: '192.0.2.7', facts }))
  return typeof read === 'string' ? read : read.tls
}

function withName(subject: string): object {
  return { subject, subjectAltNames: [], fingerprint256: '', serverName: 'mqtt.example' }
}

test('the server name and the common name of a verified certificate', () => {
  assert.deepEqual(factsOf(AUTHORITY, tlsFact(0x07, 0, 'meter-7')), withName('CN=meter-7'))
})

test('a certificate that was not verified, or not shown, says nothing', () => {
  assert.deepEqual(factsOf(AUTHORITY, tlsFact(0x07, 1, 'meter-7')), withName(''))
  assert.deepEqual(factsOf(AUTHORITY, tlsFact(0x01, 0, 'meter-7')), withName(''))
})

test('without TLS nothing is said', () => {
  assert.equal(factsOf(AUTHORITY), null)
  assert.equal(factsOf(AUTHORITY, tlsFact(0x00, 0, '')), null)
})

test('a name cannot pass as two parts of a subject', () => {
  assert.deepEqual(factsOf(AUTHORITY, tlsFact(0x07, 0, 'a,O=Acme')), withName(String.raw`CN=a\,O=Acme`))
  assert.deepEqual(factsOf(AUTHORITY, tlsFact(0x07, 0, 'a\nO=Acme')), withName(String.raw`CN=a\0AO=Acme`))
})

test('facts that do not end where the header ends are malformed', () => {
  assert.equal(readProxyTls(Buffer.from([0x20, 0, 9, 1])), 'malformed')
  assert.equal(readProxyTls(Buffer.from([0x20, 0, 1, 1])), 'malformed')
  assert.equal(readProxyTls(Buffer.from([0x20, 0, 6, 1, 0, 0, 0, 0, 0x22])), 'malformed')
})
