import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { TCP_PROBE_MS } from '../../../src/base/limits.ts'
import { type Accept, type Listener, openListener } from '../../../src/transport/listener.ts'
import { TestAuthority } from '../../support/certificates.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { settingsOf } from './listener-settings.ts'
import { openFor } from './opened-listener.ts'
import { RecordedEvents } from './recorded-events.ts'

interface Opened {
  readonly listener: Listener
  /** The listener's name, once for each newcomer. */
  readonly came: readonly string[]
}

async function open(type: 'tcp' | 'ws', over: { host?: string; port?: number } = {}): Promise<Opened> {
  const came: string[] = []
  const accept: Accept = (attach, name) => {
    came.push(name)
    const wire = attach(new RecordedEvents())
    after(() => wire.destroy())
  }
  const settings = { ...settingsOf(`my ${type}`, type), ...over }
  const listener = await openListener(settings, accept, {
    turnedAway: () => undefined,
    renewed: () => undefined,
  })
  after(() => listener.close())
  return { listener, came }
}

describe('a listener', () => {
  test('says where clients find it', async () => {
    const tcp = (await open('tcp')).listener
    assert.ok(tcp.port > 0)
    assert.equal(tcp.url, `mqtt://127.0.0.1:${tcp.port}`)
    const ws = (await open('ws')).listener
    assert.equal(ws.url, `ws://127.0.0.1:${ws.port}/mqtt`)
  })

  for (const type of ['tcp', 'ws'] as const) {
    test(`${type}: an address that is taken is ERR_LISTEN, naming listener and address`, async () => {
      const { listener } = await open('tcp')
      await assert.rejects(open(type, { port: listener.port }), {
        code: 'ERR_LISTEN',
        message: new RegExp(`my ${type}: cannot listen on 127\\.0\\.0\\.1:${listener.port}: .*EADDRINUSE`),
      })
    })
  }

  test('that is closed accepts nobody', async () => {
    const { listener } = await open('tcp')
    await listener.close()
    await listener.close()
    const [error] = (await once(connect(listener.port, '127.0.0.1'), 'error')) as [Error]
    assert.match(error.message, /ECONNREFUSED/)
  })

  test('closes newcomers above its maximum', async () => {
    const { listener, came } = await open('tcp')
    const sockets = [1, 2, 3].map(() => connect(listener.port, '127.0.0.1'))
    for (const socket of sockets) {
      after(() => socket.destroy())
      socket.resume()
    }
    await Promise.race(sockets.map((socket) => once(socket, 'close')))
    assert.equal(came.length, 2)
  })
})

describe('over HTTP', () => {
  test('a plain request is told to upgrade', async () => {
    const { listener, came } = await open('ws')
    const response = await fetch(`http://127.0.0.1:${listener.port}/mqtt`)
    assert.equal(response.status, 426)
    assert.match(await response.text(), /\/mqtt/)
    assert.deepEqual(came, [])
  })

  test('an upgrade at another path is refused', async () => {
    const { listener, came } = await open('ws')
    const socket = new WebSocket(`ws://127.0.0.1:${listener.port}/other`, 'mqtt')
    const [error] = (await once(socket, 'error')) as [Error]
    assert.match(error.message, /400/)
    assert.deepEqual(came, [])
  })

  test('an upgrade at its path is a newcomer', async () => {
    const { listener, came } = await open('ws')
    const socket = new WebSocket(listener.url, 'mqtt')
    await once(socket, 'open')
    socket.terminate()
    assert.deepEqual(came, ['my ws'])
  })
})

describe('whatever they speak', () => {
  const { cert, key } = new TestAuthority().issue(['localhost'])
  const folder = tempFolder({ 'c.pem': cert, 'k.pem': key })
  const [certFile, keyFile] = [path.join(folder, 'c.pem'), path.join(folder, 'k.pem')]
  const files = { certFile, keyFile, keyPassphrase: undefined, caFile: undefined, crlFile: undefined }
  const rest = {
    minVersion: 'TLSv1.2',
    ciphers: undefined,
    sni: new Map(),
    clientCertificate: 'none',
  } as const
  const tls = { ...files, ...rest, handshakeTimeoutSec: 60, maxHandshakes: 9 }
  const proxies = { trusted: ['127.0.0.1'], require: 'nothing' } as const
  const places = [
    ['MQTT', 'tcp', {}],
    ['TLS', 'tcp', { tls }],
    ['WebSocket', 'ws', {}],
    ['WebSocket over TLS', 'ws', { tls }],
    ['the PROXY protocol', 'tcp', { proxies }],
    ['MQTT over a Unix socket', 'tcp', { socket: { path: path.join(folder, 's'), mode: 0o600 } }],
  ] as const
  for (const [name, type, settings] of places) {
    for (const [bounds, why] of [
      [{ maxConnections: 2 }, 'full'],
      [{ maxConnections: 100, connectsPerSec: 2 }, 'rate'],
    ] as const) {
      test(`${name}: newcomers above a bound are closed, counted and told: ${why}`, async () => {
        const { listener, turnedAway, until } = await openFor(type, { ...settings, ...bounds })
        const { address, port } = listener
        for (let count = 0; count < 20; count += 1) {
          const socket = port === 0 ? connect(address) : connect(port, address)
          after(() => socket.destroy())
          socket.on('error', () => undefined)
        }
        // of the rate's, a slow machine may let in some more
        const least = why === 'full' ? 18 : 1
        await until('turnedAway', least)
        assert.deepEqual([...new Set(turnedAway.map(([each]) => each))], [why])
        assert.equal(listener.turnedAway[why], turnedAway.length)
      })
    }
  }
})

test('the kernel asks whether a silent peer is there', { skip: process.platform !== 'linux' }, async () => {
  const { listener, until } = await openFor('tcp')
  const socket = connect(listener.port, '127.0.0.1')
  after(() => socket.destroy())
  await until('wires', 1)
  const place = `0100007F:${listener.port.toString(16).toUpperCase().padStart(4, '0')}`
  const isOurs = (line: string): boolean => line.includes(` ${place} `) && line.includes(' 01 ')
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .find((each) => each.trim().split(/\s+/)[1] === place && isOurs(each))
  // the timer that is under way, and when it ends, in hundredths of a second
  const [timer, when] = (line?.trim().split(/\s+/)[5] ?? '').split(':')
  assert.equal(timer, '02')
  const left = Number.parseInt(when ?? '', 16) * 10
  assert.ok(left > TCP_PROBE_MS - 60_000 && left <= TCP_PROBE_MS + 1000, `${left}`)
})

test('a Unix socket is a listener too; its clients have no address', async () => {
  const file = path.join(tempFolder({}), 'mqtt.sock')
  const { listener, wires, until } = await openFor('tcp', { socket: { path: file, mode: 0o600 } })
  assert.deepEqual([listener.url, listener.address, listener.port], [`mqtt+unix:${file}`, file, 0])
  const socket = connect(file)
  after(() => socket.destroy())
  await until('wires', 1)
  assert.equal(wires[0]?.wire.remoteAddress, '')
  await assert.rejects(openFor('tcp', { socket: { path: file, mode: 0o600 } }), {
    code: 'ERR_LISTEN',
    message: `listener in: cannot listen on ${file}: is there already, and in use`,
  })
  await listener.close()
  assert.ok(!existsSync(file))
})

test('a certificate that cannot be used is an error before anything is bound', async () => {
  const certFile = path.join(tempFolder({}), 'gone.pem')
  const files = {
    certFile,
    keyFile: certFile,
    keyPassphrase: undefined,
    caFile: undefined,
    crlFile: undefined,
    ciphers: undefined,
  }
  const tls = { ...files, clientCertificate: 'none', minVersion: 'TLSv1.2', sni: new Map() } as const
  await assert.rejects(openFor('tcp', { tls: { ...tls, handshakeTimeoutSec: 1, maxHandshakes: 1 } }), {
    code: 'ERR_TLS',
    message: /^listener in: tls\.certFile: .*gone\.pem: ENOENT/,
  })
})
