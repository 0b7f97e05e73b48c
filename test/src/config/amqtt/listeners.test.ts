import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imported } from './imported.ts'

function listeners(yaml: string): { readonly found: unknown; readonly notes: string } {
  const { config, notes } = imported(`listeners:\n${yaml}`)
  return { found: config['listeners'], notes: notes.join('\n') }
}

describe('listeners of aMQTT', () => {
  it('take from the one called default what they leave out, and it is none itself without an address', () => {
    const { found, notes } = listeners(`
  default: { max-connections: 500, type: tcp }
  one: { bind: "127.0.0.1:1883" }
  two: { bind: "1.2.3.4:1884", max_connections: 1000 }
  web: { bind: "0.0.0.0:8080", type: ws }
`)
    assert.deepEqual(found, {
      one: { type: 'tcp', bind: '127.0.0.1:1883', maxConnections: 500 },
      two: { type: 'tcp', bind: '1.2.3.4:1884', maxConnections: 1000 },
      web: { type: 'ws', bind: '0.0.0.0:8080', path: '/mqtt', maxConnections: 500 },
    })
    assert.match(notes, /a\.yaml:3:3 listeners\.default: has no address of its own/)
    assert.match(notes, /listeners\.web: WebSocket clients are served at one path alone/)
  })

  it('with `ssl: on` have TLS, and ask for a certificate where there is an authority', () => {
    const tls = 'ssl: on, certfile: c.pem, keyfile: k.pem'
    const { found, notes } = listeners(
      `  s: { ${tls} }\n  m: { ${tls}, cafile: ca.pem, capath: /d }\n` +
        '  off: { certfile: c.pem, keyfile: k.pem }',
    )
    const plain = { type: 'tcp', bind: '0.0.0.0:1883' }
    const server = { certFile: 'c.pem', keyFile: 'k.pem' }
    assert.deepEqual(found, {
      s: { ...plain, tls: server },
      m: { ...plain, tls: { ...server, caFile: 'ca.pem', clientCertificate: 'request' } },
      off: plain,
    })
    assert.match(notes, /listeners\.m\.capath: NOT TRANSLATED: a folder of certificates/)
    assert.match(notes, /listeners\.off: certificates without "ssl: on" have no effect/)
  })

  it('have the addresses that aMQTT reads into a port alone, or nothing', () => {
    const { found } = listeners('  a: { bind: "1884" }\n  b: { bind: ":1885" }\n  c: { bind: "", type: ws }')
    const binds = Object.values(found as object).map(({ bind }: { bind: string }) => bind)
    assert.deepEqual(binds, ['0.0.0.0:1884', '0.0.0.0:1885', '0.0.0.0:8080'])
  })

  it('that have no counterpart, or no name that can be one, are named', () => {
    const { found, notes } = listeners('  ex: { type: external, reader: r }\n  1.x: { bind: "127.0.0.1:1" }')
    assert.deepEqual(Object.keys(found as object), ['l-1-x'])
    assert.match(notes, /listeners\.ex: NOT TRANSLATED: a listener of the type "external"/)
    assert.match(notes, /is called l-1-x/)
  })
})
