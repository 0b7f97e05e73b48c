import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { type Accept, type Listener, openListener } from '../../../src/transport/listener.ts'
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

test('newcomers above the rate are closed, and counted', async () => {
  const { listener, wires, until } = await openFor('tcp', { connectsPerSec: 2 })
  for (let count = 0; count < 4; count += 1) {
    const socket = connect(listener.port, '127.0.0.1').on('error', () => undefined)
    after(() => socket.destroy())
  }
  await until('turnedAway', 2)
  assert.equal(wires.length, 2)
  assert.equal(listener.turnedAway.rate, 2)
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
