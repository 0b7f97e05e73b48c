import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import path from 'node:path'
import { after, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { TlsSettings } from '../../../src/transport/certificates.ts'
import { TestAuthority } from '../../support/certificates.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { openFor } from './opened-listener.ts'

const authority = new TestAuthority()
const { cert, key } = authority.issue(['localhost'])
const folder = tempFolder({ 'c.pem': cert, 'k.pem': key, 'ca.pem': authority.ca })
const TLS: TlsSettings = {
  certFile: path.join(folder, 'c.pem'),
  keyFile: path.join(folder, 'k.pem'),
  keyPassphrase: undefined,
  caFile: undefined,
  crlFile: undefined,
  clientCertificate: 'none',
  minVersion: 'TLSv1.2',
  ciphers: undefined,
  sni: new Map(),
  handshakeTimeoutSec: 60,
  maxHandshakes: 1,
}

test('handshakes above the bound are closed; one that is over makes room', async () => {
  const { listener, until, turnedAway } = await openFor('tcp', { tls: TLS })
  const idle = connect(listener.port, '127.0.0.1')
  await once(idle, 'connect')
  const other = connect(listener.port, '127.0.0.1').on('error', () => undefined)
  await once(other.resume(), 'close')
  idle.destroy()
  await until('turnedAway', 2)
  assert.deepEqual(
    turnedAway.map(([why, address]) => `${why} ${address}`),
    ['crowd 127.0.0.1', 'handshake 127.0.0.1'],
  )
  const client = connectTls({ port: listener.port, ca: authority.ca, servername: 'localhost' })
  after(() => client.destroy())
  await until('wires', 1)
})

test('a handshake has its time', async () => {
  const { listener, until, turnedAway } = await openFor('tcp', { tls: { ...TLS, handshakeTimeoutSec: 0.01 } })
  const idle = connect(listener.port, '127.0.0.1')
  after(() => idle.destroy())
  await until('turnedAway', 1)
  assert.deepEqual(turnedAway, [['handshake', '127.0.0.1', 'no TLS handshake in time']])
})

test('clients that negotiate a protocol get mqtt; others are refused', async () => {
  const { listener, until } = await openFor('tcp', { tls: TLS })
  const dial = (protocol: string) =>
    connectTls({ port: listener.port, ca: authority.ca, servername: 'localhost', ALPNProtocols: [protocol] })
  const client = dial('mqtt')
  after(() => client.destroy())
  await once(client, 'secureConnect')
  assert.equal(client.alpnProtocol, 'mqtt')
  await once(dial('http/1.1'), 'error')
  await until('turnedAway', 1)
})

test('versions of TLS before the oldest that is wanted are refused', async () => {
  const { listener, until } = await openFor('tcp', { tls: { ...TLS, minVersion: 'TLSv1.3' } })
  const old = connectTls({
    port: listener.port,
    ca: authority.ca,
    servername: 'localhost',
    maxVersion: 'TLSv1.2',
  })
  await once(old, 'error')
  await until('turnedAway', 1)
})
