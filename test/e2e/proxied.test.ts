import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect as connectSocket, type Socket } from 'node:net'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { connect, type IClientOptions, type IConnackPacket, MqttClient } from 'mqtt'
import { createBroker } from '../../src/index.ts'
import { TestAuthority } from '../support/certificates.ts'
import { NO_HAPROXY, startHaproxy } from '../support/haproxy.ts'
import { eventually } from '../support/processes.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Tells in CONNACK who it was told has come. */
const WITNESS = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: ({ remoteAddress, tls }) =>
    allow({ connack: { userProperties: [['saw', JSON.stringify([remoteAddress, tls ?? null])]] } }),
})
`
/** Where clients come from: not the address of the proxy. */
const SOURCE = '127.0.0.9'

const authority = new TestAuthority()
const { cert, key } = authority.issue(['mqtt.example'])
const meter = authority.issue([], undefined, [['CN', 'meter-7,O=Acme']])
const folder = tempFolder({
  'witness/plugin.ts': WITNESS,
  // HAProxy reads both from one file
  'server.pem': cert + key,
  'c.pem': cert,
  'k.pem': key,
  'ca.pem': authority.ca,
})
const file = (name: string): string => path.join(folder, name)
const proxyProtocol = { trusted: ['127.0.0.1'] }
const broker = await createBroker(
  {
    listeners: {
      mqtt: { type: 'tcp', bind: '127.0.0.1:0', proxyProtocol },
      web: { type: 'ws', bind: '127.0.0.1:0', proxyProtocol },
      mqtts: {
        type: 'tcp',
        bind: '127.0.0.1:0',
        proxyProtocol,
        tls: { certFile: file('c.pem'), keyFile: file('k.pem') },
      },
      strict: {
        type: 'tcp',
        bind: '127.0.0.1:0',
        proxyProtocol: { ...proxyProtocol, require: 'certificate' },
      },
      local: { type: 'tcp', bind: `unix:${file('broker.sock')}`, proxyProtocol },
    },
    plugins: { [file('witness')]: null },
    sandbox: { limits: { softMs: 500, wallMs: 2000 } },
  },
  { log: 'silent', env: {} },
)
after(() => broker.stop())
await broker.start()
const [mqtt = 0, web = 0, mqtts = 0, strict = 0] = broker.listeners.map(({ port }) => port)

const ENDS_TLS = `ssl crt ${file('server.pem')} ca-file ${file('ca.pem')} verify optional`
const TELLS = 'send-proxy-v2-ssl-cn proxy-v2-options ssl,cert-cn,authority'
const ways =
  NO_HAPROXY === false
    ? await startHaproxy(folder, {
        text: { to: mqtt, send: 'send-proxy' },
        binary: { to: mqtt, send: 'send-proxy-v2' },
        // with facts that nobody here asks for: a checksum, an identifier
        wordy: { to: mqtt, send: 'send-proxy-v2 proxy-v2-options crc32c,unique-id' },
        through: { to: mqtts, send: 'send-proxy' },
        ended: { bind: ENDS_TLS, to: mqtt, send: TELLS },
        strict: { bind: ENDS_TLS, to: strict, send: TELLS },
        webText: { to: web, send: 'send-proxy' },
        webEnded: { bind: ENDS_TLS, to: web, send: TELLS },
        toUnix: { to: file('broker.sock'), send: 'send-proxy-v2' },
        fromUnix: { socketPath: file('proxy.sock'), to: mqtt, send: 'send-proxy-v2' },
        fromUnixText: { socketPath: file('text.sock'), to: mqtt, send: 'send-proxy' },
      })
    : undefined
const portOf = (way: keyof NonNullable<typeof ways>): number => ways?.[way] ?? 0

/** What the plugin was told of a client: its address, and what is known of its TLS. */
async function told(client: MqttClient): Promise<unknown> {
  after(() => client.end(true))
  const connack = await new Promise<IConnackPacket>((resolve, reject) => {
    client.once('connect', resolve)
    client.once('error', reject)
    client.once('close', () => reject(new Error('closed')))
  })
  // what comes behind the header comes through as well
  await client.publishAsync('t', 'x'.repeat(100_000), { qos: 1 })
  return JSON.parse(String(connack.properties?.userProperties?.['saw']))
}

const SETTINGS: IClientOptions = { protocolVersion: 5, reconnectPeriod: 0 }

function seenOf(url: string, options: IClientOptions = {}): Promise<unknown> {
  const socket = { ca: authority.ca, servername: 'mqtt.example', localAddress: SOURCE, ...options }
  return told(connect(url, { ...SETTINGS, ...socket, wsOptions: socket }))
}

function seenThrough(dial: () => Socket): Promise<unknown> {
  return told(new MqttClient(dial, SETTINGS))
}

function tls(subject: string): object {
  return { subject, subjectAltNames: [], fingerprint256: '', serverName: 'mqtt.example' }
}

describe('HAProxy says for whom it speaks', { skip: NO_HAPROXY }, () => {
  for (const way of ['text', 'binary', 'wordy', 'toUnix'] as const) {
    test(`over TCP: ${way}`, async () => {
      const from = { port: portOf(way), host: '127.0.0.1', localAddress: SOURCE }
      assert.deepEqual(await seenThrough(() => connectSocket(from)), [SOURCE, null])
    })
  }

  test('in front of TLS that the broker ends', async () => {
    assert.deepEqual(await seenOf(`mqtts://127.0.0.1:${portOf('through')}`), [SOURCE, tls('')])
  })

  test('of TLS that it ended: the server name, and the common name of a verified certificate', async () => {
    const url = `mqtts://127.0.0.1:${portOf('ended')}`
    assert.deepEqual(await seenOf(url, { cert: meter.cert, key: meter.key }), [
      SOURCE,
      tls(String.raw`CN=meter-7\,O=Acme`),
    ])
    assert.deepEqual(await seenOf(url), [SOURCE, tls('')])
  })

  test('over WebSocket, and of TLS that it ended in front of one', async () => {
    assert.deepEqual(await seenOf(`ws://127.0.0.1:${portOf('webText')}/mqtt`), [SOURCE, null])
    assert.deepEqual(
      await seenOf(`wss://127.0.0.1:${portOf('webEnded')}/mqtt`, { cert: meter.cert, key: meter.key }),
      [SOURCE, tls(String.raw`CN=meter-7\,O=Acme`)],
    )
  })

  for (const socket of ['proxy.sock', 'text.sock']) {
    test(`of a client without an address it has none to tell: ${socket}`, async () => {
      await eventually(() => existsSync(file(socket)))
      assert.deepEqual(await seenThrough(() => connectSocket(file(socket))), ['127.0.0.1', null])
    })
  }
})

test('where a certificate is required, HAProxy must have verified one', { skip: NO_HAPROXY }, async () => {
  const url = `mqtts://127.0.0.1:${portOf('strict')}`
  await assert.rejects(seenOf(url))
  const [, , , listener] = broker.listeners
  assert.equal(listener?.turnedAway['certificate'], 1)
  assert.deepEqual(await seenOf(url, { cert: meter.cert, key: meter.key }), [
    SOURCE,
    tls(String.raw`CN=meter-7\,O=Acme`),
  ])
})

test('who comes past HAProxy is refused', async () => {
  const socket = connectSocket(mqtt, '127.0.0.1').on('error', () => undefined)
  socket.write('\x10\x0c\0\x04MQTT')
  await once(socket.resume(), 'close')
  assert.equal(broker.listeners[0]?.turnedAway['proxy'], 1)
})
