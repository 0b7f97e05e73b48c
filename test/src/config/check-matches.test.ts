import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()
for (const name of ['c.pem', 'k.pem', 'ca.pem', 'own-ca.pem']) folder.write(name, '')

const FILES = 'certFile: c.pem, keyFile: k.pem'
const SNI = `sni: { a.example: { ${FILES}, caFile: own-ca.pem } }`
const SECURE = `tls: { ${FILES}, caFile: ca.pem, clientCertificate: require, ${SNI} }`

function config(match: string, more = ''): string {
  const listeners = `{ in: { type: tcp, bind: "h:1" }, out: { type: ws, bind: "h:2", ${more} } }`
  return `listeners: ${listeners}\ntenants:\n  a:\n    match: ${match}\n`
}

describe('a tenant', () => {
  it('needs a listener that exists', async () => {
    assert.deepEqual(await folder.mistakes(config('{ listener: gone }')), [
      'broker.yaml:4:24 tenants.a.match.listener: there is no listener "gone", only in, out',
    ])
  })

  it('needs a connection that it could match', async () => {
    assert.deepEqual(await folder.mistakes(config('{ tlsServerName: a.example }')), [
      'broker.yaml:3:3 tenants: the tenant "a" can never be reached: ' +
        'no listener has tls, which knows server names',
    ])
    await folder.load(config('{ tlsServerName: a.example }', SECURE))
  })

  it('is not judged by a listener that is wrong', async () => {
    const mistakes = await folder.mistakes(config('{ tlsServerName: a.example }', 'maxConnections: many'))
    assert.equal(mistakes.length, 1, mistakes.join('\n'))
  })

  it('matches a certificate together with the server name whose authority wrote it', async () => {
    assert.match(
      (await folder.mistakes(config('{ clientCertificate: O=A }', SECURE))).join(),
      /needs a tlsServerName/,
    )
    await folder.load(config('{ clientCertificate: O=A, tlsServerName: a.example }', SECURE))
  })
})
