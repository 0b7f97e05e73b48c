import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { connect, type IClientOptions, type IConnackPacket } from 'mqtt'
import { createBroker } from '../../src/index.ts'
import { TestAuthority } from '../support/certificates.ts'
import { connectClient } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Tells in CONNACK what it saw of TLS, and in which tenant. */
const WITNESS = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: ({ tenant, tls }) => {
    const saw = JSON.stringify({ tenant, tls })
    return allow({ connack: { userProperties: [['saw', saw]] } })
  },
})
`
const authority = new TestAuthority()
const acme = new TestAuthority()
const server = authority.issue(['localhost', '127.0.0.1'])
const acmeServer = acme.issue(['acme.example'])
const meter = authority.issue(['meter.example'], undefined, [
  ['O', 'Meters'],
  ['CN', 'meter-7'],
])
const acmeMeter = acme.issue([], undefined, [['O', 'Meters']])
const revoked = authority.issue([], undefined, [['CN', 'stolen']])
const folder = tempFolder({
  'witness/plugin.ts': WITNESS,
  'ca.pem': authority.ca,
  'acme-ca.pem': acme.ca,
  'crl.pem': authority.revoke(revoked),
  'server.pem': server.cert,
  'server.key': server.key,
  'acme.pem': acmeServer.cert,
  'acme.key': acmeServer.key,
  'meter.pem': meter.cert,
  'meter.key': meter.key,
})
const file = (name: string): string => path.join(folder, name)
const tls = {
  certFile: file('server.pem'),
  keyFile: file('server.key'),
  caFile: file('ca.pem'),
  crlFile: file('crl.pem'),
  clientCertificate: 'request',
  sni: {
    'acme.example': { certFile: file('acme.pem'), keyFile: file('acme.key'), caFile: file('acme-ca.pem') },
  },
}
const plugins = { [file('witness')]: null }
const broker = await createBroker(
  {
    listeners: {
      mqtts: { type: 'tcp', bind: '127.0.0.1:0', tls },
      wss: { type: 'ws', bind: '127.0.0.1:0', tls },
      strict: { type: 'tcp', bind: '127.0.0.1:0', tls: { ...tls, clientCertificate: 'require' } },
    },
    tenants: {
      acme: { match: { tlsServerName: 'ACME.example' }, plugins },
      hosted: { match: { wsPath: '/hosted', wsHost: 'localhost' }, plugins },
      meters: { match: { clientCertificate: 'O=Meters', tlsServerName: 'localhost' }, plugins },
      default: { plugins },
    },
    sandbox: { limits: { softMs: 500, wallMs: 2000 } },
  },
  { log: 'silent', env: {} },
)
after(() => broker.stop())
await broker.start()
const [mqtts, wss, strict] = broker.listeners
assert.ok(mqtts && wss && strict)

interface Seen {
  readonly tenant: string
  readonly tls?: Readonly<Record<'subject' | 'subjectAltNames' | 'fingerprint256' | 'serverName', unknown>>
}

/** What the plugin of whichever tenant saw of MQTT.js. */
async function seenOf(url: string, options: IClientOptions): Promise<Seen> {
  const tlsOptions = { ca: authority.ca, servername: 'localhost', ...options }
  const client = connect(url, {
    ...tlsOptions,
    wsOptions: tlsOptions,
    protocolVersion: 5,
    reconnectPeriod: 0,
  })
  after(() => client.end(true))
  const connack = await new Promise<IConnackPacket>((resolve, reject) => {
    client.once('connect', resolve)
    client.once('error', reject)
    client.once('close', () => reject(new Error('closed')))
  })
  return JSON.parse(String(connack.properties?.userProperties?.['saw'])) as Seen
}

describe('authenticate sees', () => {
  for (const [name, url] of [
    ['TLS', mqtts.url],
    ['a WebSocket', wss.url],
  ] as const) {
    test(`over ${name} the verified certificate and the server name`, async () => {
      assert.deepEqual(await seenOf(url, { cert: meter.cert, key: meter.key }), {
        tenant: 'meters',
        tls: {
          subject: 'CN=meter-7,O=Meters',
          subjectAltNames: ['DNS:meter.example'],
          fingerprint256: new X509Certificate(meter.cert).fingerprint256,
          serverName: 'localhost',
        },
      })
    })
  }

  test('of a client without a certificate the server name alone', async () => {
    assert.deepEqual(await seenOf(mqtts.url, {}), {
      tenant: 'default',
      tls: { subject: '', subjectAltNames: [], fingerprint256: '', serverName: 'localhost' },
    })
  })
})

describe('a tenant is found', () => {
  test('by server name, which has a certificate and an authority of its own', async () => {
    const options = { ca: acme.ca, servername: 'acme.example', cert: acmeMeter.cert, key: acmeMeter.key }
    const { tenant, tls: saw } = await seenOf(mqtts.url, options)
    assert.deepEqual([tenant, saw?.subject], ['acme', 'O=Meters'])
  })

  test('by the path and the host of a WebSocket', async () => {
    const { port } = wss
    assert.equal((await seenOf(`wss://localhost:${port}/hosted`, {})).tenant, 'hosted')
    assert.equal((await seenOf(`wss://127.0.0.1:${port}/hosted`, {})).tenant, 'default')
  })
})

describe('is not let in', () => {
  const stolen = { cert: revoked.cert, key: revoked.key }
  const foreign = { cert: acmeMeter.cert, key: acmeMeter.key }
  for (const [who, options] of [
    ['whose certificate is revoked', stolen],
    ['whose certificate is of another authority', foreign],
  ] as const) {
    test(`who shows a false certificate: one ${who}`, async () => {
      await assert.rejects(seenOf(mqtts.url, options))
      await assert.rejects(seenOf(strict.url, options))
    })
  }

  test('who must show a certificate and has none', async () => {
    await assert.rejects(seenOf(strict.url, {}))
    assert.equal((await seenOf(strict.url, { cert: meter.cert, key: meter.key })).tenant, 'meters')
  })

  test('who speaks no TLS: counted, and the others are served', async () => {
    const plain = connectTcp(mqtts.port, '127.0.0.1')
    plain.write('\x10\x0c\0\x04MQTT')
    plain.on('error', () => undefined).resume()
    await once(plain, 'close')
    assert.equal((await seenOf(mqtts.url, {})).tenant, 'default')
    const counted = broker.listeners.map(({ turnedAway }) => [
      turnedAway['handshake'],
      turnedAway['certificate'],
    ])
    assert.deepEqual(counted, [
      [1, 2],
      [0, 0],
      [0, 3],
    ])
  })
})

test('certificates are read anew: newcomers get them, who is connected stays; false ones change nothing', async () => {
  const before = await connectClient(mqtts.url, { ca: authority.ca, servername: 'localhost' })
  const next = authority.issue(['localhost', '127.0.0.1'])
  const shown = async (): Promise<string> => {
    const socket = connectTls({
      port: mqtts.port,
      host: '127.0.0.1',
      ca: authority.ca,
      servername: 'localhost',
    })
    await once(socket, 'secureConnect')
    const { fingerprint256 } = socket.getPeerCertificate()
    socket.destroy()
    return fingerprint256
  }
  writeFileSync(file('server.key'), next.key)
  broker.renewCertificates()
  assert.equal(await shown(), new X509Certificate(server.cert).fingerprint256)
  writeFileSync(file('server.pem'), next.cert)
  broker.renewCertificates()
  assert.equal(await shown(), new X509Certificate(next.cert).fingerprint256)
  await before.publishAsync('still/here', '', { qos: 1 })
})
