import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { type Accept, type Listener, openListener } from '../../../src/transport/listener.ts'
import { settingsOf } from './listener-settings.ts'
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
