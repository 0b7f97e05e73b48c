import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { showConfig } from '../../../src/config/show-config.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()
for (const name of ['c.pem', 'k.pem', 'ca.pem', 'other-ca.pem', 'crl.pem']) folder.write(name, '')

function listener(keys: string): string {
  return `listeners:\n  in: { bind: "127.0.0.1:0", ${keys} }\n`
}

const FILES = 'certFile: c.pem, keyFile: k.pem'

describe('a listener', () => {
  it("has absolute paths; a name without an authority has the listener's", async () => {
    const sni = `sni: { A.example: { ${FILES} }, "*.b.example": { ${FILES}, caFile: other-ca.pem } }`
    const tls = `{ ${FILES}, caFile: ca.pem, crlFile: crl.pem, clientCertificate: require, ${sni} }`
    const { config } = await folder.load(listener(`type: tcp, tls: ${tls}`))
    const at = (name: string): string => `${folder.path}/${name}`
    const own = { certFile: at('c.pem'), keyFile: at('k.pem'), keyPassphrase: undefined }
    assert.deepEqual(config.listeners[0]?.tls, {
      ...own,
      caFile: at('ca.pem'),
      crlFile: at('crl.pem'),
      clientCertificate: 'require',
      minVersion: 'TLSv1.2',
      ciphers: undefined,
      handshakeTimeoutSec: 10,
      maxHandshakes: 256,
      sni: new Map([
        ['a.example', { ...own, caFile: at('ca.pem'), crlFile: at('crl.pem') }],
        ['*.b.example', { ...own, caFile: at('other-ca.pem'), crlFile: undefined }],
      ]),
    })
  })

  it("has its keys' passphrases from the environment or from files, and nothing shows them", async () => {
    folder.write('phrase', 'open sesame\n')
    const sni = `sni: { a.example: { ${FILES}, keyPassphraseFile: phrase } }`
    const tls = `{ ${FILES}, keyPassphrase: "\${PHRASE}", ${sni} }`
    const loaded = await folder.load(listener(`type: tcp, tls: ${tls}`), { PHRASE: 'or else' })
    const { tls: read } = loaded.config.listeners[0] ?? {}
    assert.equal(read?.keyPassphrase, 'or else')
    assert.equal(read?.sni.get('a.example')?.keyPassphrase, 'open sesame')
    assert.doesNotMatch(showConfig(loaded), /open sesame|or else/)
  })

  it('opens the paths that tenants match by there', async () => {
    const tenants =
      'tenants: { a: { match: { wsPath: /a } }, b: { match: { wsPath: /b, listener: other } }, ' +
      'c: { match: { listener: in } } }'
    const { config } = await folder.load(
      `${listener('type: ws')}  other: { type: ws, bind: "127.0.0.1:0", path: /o }\n${tenants}`,
    )
    assert.deepEqual(
      config.listeners.map(({ paths }) => paths),
      [
        ['/mqtt', '/a'],
        ['/o', '/a', '/b'],
      ],
    )
  })

  it('may be a Unix socket, which its group may open unless something else is written', async () => {
    const { config } = await folder.load(
      'listeners: { a: { type: tcp, bind: "unix:run/a.sock" }, ' +
        'b: { type: ws, bind: "unix:/b.sock", socketMode: "0600" } }',
    )
    assert.deepEqual(
      config.listeners.map(({ socket }) => socket),
      [
        { path: `${folder.path}/run/a.sock`, mode: 0o660 },
        { path: '/b.sock', mode: 0o600 },
      ],
    )
  })
})

describe('a mistake', () => {
  for (const [keys, mistake] of [
    [
      'type: tcp, tls: { certFile: gone.pem, keyFile: k.pem }',
      'tls.certFile: the file cannot be read: ENOENT',
    ],
    [
      `type: tcp, tls: { ${FILES}, clientCertificate: require }`,
      'tls.clientCertificate: require needs a caFile',
    ],
    [`type: tcp, tls: { ${FILES}, caFile: ca.pem }`, "in.tls: caFile is for clients' certificates"],
    [`type: tcp, tls: { ${FILES}, crlFile: crl.pem }`, 'in.tls: crlFile needs the caFile'],
    [
      `type: tcp, tls: { ${FILES}, sni: { a: { ${FILES}, caFile: ca.pem } } }`,
      'in.tls.sni.a: caFile is for clients',
    ],
    [`type: tcp, tls: { ${FILES}, sni: { "a b": { ${FILES} } } }`, 'expected the name of a server such as'],
    [`type: tcp, tls: { ${FILES}, minVersion: "1.2" }`, 'minVersion: expected TLSv1.2 or TLSv1.3'],
    ['type: tcp, tls: { certFile: c.pem }', 'the key "keyFile" is missing'],
    ['type: tcp, websocketsOrigin: ["https://a"]', 'listeners.in: a tcp listener has no websocketsOrigin'],
    ['type: ws, websocketsOrigin: ["a"]', 'expected an origin such as https://app.example'],
    ['type: ws, websocketsOrigin: []', 'expected at least 1 in the list'],
    ['type: tcp, socketMode: "0600"', 'listeners.in: only a Unix socket (bind: unix:PATH) has a socketMode'],
    ['type: tcp, socketMode: "rw"', 'socketMode: expected permissions in octal'],
    ['type: tcp, proxyProtocol: { trusted: ["10.0.0.0/99"] }', 'expected ADDRESS or ADDRESS/BITS'],
    [
      `type: tcp, tls: { ${FILES} }, proxyProtocol: { trusted: ["::1"], require: tls }`,
      'in.proxyProtocol: require is about the TLS that a proxy ends',
    ],
    ['type: tcp, proxyProtocol: { trusted: ["::1"], require: tsl }', 'expected nothing, tls or certificate'],
    ['type: tcp, proxyProtocol: {}', 'the key "trusted" is missing'],
  ] as const) {
    it(mistake, async () => {
      const mistakes = await folder.mistakes(listener(keys))
      assert.ok(
        mistakes.some((line) => line.startsWith('broker.yaml:2:') && line.includes(mistake)),
        mistakes.join('\n'),
      )
    })
  }

  it("of a Unix socket: TLS, and a path that is another listener's", async () => {
    const secured = `a: { type: tcp, bind: "unix:/a", tls: { ${FILES} } }`
    const yaml = `listeners:\n  ${secured}\n  b: { type: tcp, bind: "unix:/a" }\n`
    assert.deepEqual(await folder.mistakes(yaml), [
      'broker.yaml:2:36 listeners.a: a Unix socket needs no TLS',
      'broker.yaml:3:25 listeners.b.bind: the listener "a" has this address already',
    ])
  })
})
