import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { WebSocket } from 'ws'
import { TestAuthority } from '../../support/certificates.ts'
import { binaryHeader, textHeader, tlsFact } from '../../support/proxy-header.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { openFor } from './opened-listener.ts'

const TRUSTING = { proxies: { trusted: ['127.0.0.0/8'], require: 'nothing' } } as const
const SOURCE = '203.0.113.7'

function dial(port: number, ...chunks: readonly Buffer[]): Socket {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  after(() => socket.destroy())
  for (const chunk of chunks) socket.write(chunk)
  return socket.on('error', () => undefined)
}

describe('a proxy that is trusted', () => {
  for (const [version, encode] of [
    [1, textHeader],
    [2, binaryHeader],
  ] as const) {
    test(`version ${version}: says who has come, and what follows is the client's`, async () => {
      const { listener, wires, until } = await openFor('tcp', TRUSTING)
      dial(listener.port, Buffer.concat([encode({ source: SOURCE }), Buffer.from('hello')]))
      await until('wires', 1)
      const [first] = wires
      await first?.events.until('data')
      assert.equal(first?.wire.remoteAddress, SOURCE)
      assert.equal(first?.events.bytes.toString(), 'hello')
    })
  }

  test('may send its header in pieces, and the client may wait', async () => {
    const { listener, wires, until } = await openFor('tcp', TRUSTING)
    const header = binaryHeader({ source: SOURCE, facts: [tlsFact(0x07, 0, 'meter')] })
    const socket = dial(listener.port, header.subarray(0, 9))
    await once(socket, 'connect')
    socket.write(header.subarray(9))
    await until('wires', 1)
    socket.write('later')
    await wires[0]?.events.until('data')
    assert.equal(wires[0]?.wire.tls?.subject, 'CN=meter')
    assert.equal(wires[0]?.events.bytes.toString(), 'later')
  })

  test('passes TLS on, and WebSockets', async () => {
    const authority = new TestAuthority()
    const { cert, key } = authority.issue(['localhost'])
    const folder = tempFolder({ 'c.pem': cert, 'k.pem': key })
    const files = { certFile: path.join(folder, 'c.pem'), keyFile: path.join(folder, 'k.pem') }
    const rest = {
      keyPassphrase: undefined,
      caFile: undefined,
      crlFile: undefined,
      ciphers: undefined,
      sni: new Map(),
    }
    const bounds = { handshakeTimeoutSec: 10, maxHandshakes: 1 }
    const tls = { ...files, ...rest, ...bounds, clientCertificate: 'none', minVersion: 'TLSv1.3' } as const
    const { listener, wires, until } = await openFor('ws', { ...TRUSTING, tls })
    const socket = dial(listener.port, textHeader({ source: SOURCE }))
    const webSocket = new WebSocket('wss://localhost/mqtt', 'mqtt', {
      createConnection: () => connectTls({ socket, ca: authority.ca, servername: 'localhost' }),
    })
    after(() => webSocket.terminate())
    await once(webSocket, 'open')
    await until('wires', 1)
    assert.equal(wires[0]?.wire.remoteAddress, SOURCE)
    assert.equal(wires[0]?.wire.tls?.serverName, 'localhost')
    webSocket.send(Buffer.from('hello'))
    await wires[0]?.events.until('data')
  })
})

test('a WebSocket without TLS comes through as well', async () => {
  const { listener, wires, until } = await openFor('ws', TRUSTING)
  const socket = dial(listener.port, binaryHeader({ source: '2001:db8::7' }))
  const webSocket = new WebSocket('ws://localhost/mqtt', 'mqtt', { createConnection: () => socket })
  after(() => webSocket.terminate())
  await once(webSocket, 'open')
  await until('wires', 1)
  assert.equal(wires[0]?.wire.remoteAddress, '2001:db8::7')
})

describe('is closed', () => {
  const local = binaryHeader({ source: SOURCE }, 0)
  const plain = binaryHeader({ source: SOURCE })
  const unverified = binaryHeader({ source: SOURCE, facts: [tlsFact(0x07, 1, 'meter-7')] })
  const without = binaryHeader({ source: SOURCE, facts: [tlsFact(0x01, 0, 'meter-7')] })
  const verified = binaryHeader({ source: SOURCE, facts: [tlsFact(0x05, 0, '')] })
  for (const [require, refused, letIn] of [
    ['tls', [local, textHeader({ source: SOURCE }), plain], [without, verified]],
    ['certificate', [local, plain, unverified, without], [verified]],
  ] as const) {
    test(`who came to the proxy without what is to be shown: ${require}`, async () => {
      const proxies = { trusted: ['127.0.0.1'], require }
      const { listener, wires, turnedAway, until } = await openFor('tcp', { proxies })
      for (const header of refused) await once(dial(listener.port, header).resume(), 'close')
      assert.equal(turnedAway.length, refused.length)
      assert.deepEqual(
        turnedAway.map(([, address]) => address),
        refused.map((header) => (header === local ? '127.0.0.1' : SOURCE)),
      )
      for (const header of letIn) dial(listener.port, header)
      await until('wires', letIn.length)
      assert.equal(wires.length, letIn.length)
    })
  }

  test('who is no trusted proxy, whatever it says', async () => {
    const { listener, wires, turnedAway } = await openFor('tcp', {
      proxies: { trusted: ['10.0.0.0/8', '::1'], require: 'nothing' },
    })
    const socket = dial(listener.port, textHeader({ source: SOURCE }))
    await once(socket.resume(), 'close')
    assert.deepEqual(
      [wires.length, turnedAway],
      [0, [['proxy', '127.0.0.1', 'not the address of a trusted proxy']]],
    )
    assert.equal(listener.turnedAway.proxy, 1)
  })

  test('a proxy without a header, and one that leaves in the midst of it', async () => {
    const { listener, wires, turnedAway, until } = await openFor('tcp', TRUSTING)
    await once(dial(listener.port, Buffer.from('\x10\x0c\0\x04MQTT')).resume(), 'close')
    dial(listener.port, Buffer.from('PROXY TCP4')).end()
    await until('turnedAway', 2)
    assert.deepEqual(
      [wires.length, turnedAway.map(([why, , detail]) => `${why}: ${detail}`)],
      [0, ['proxy: no PROXY header', 'proxy: gone before it spoke']],
    )
  })
})
