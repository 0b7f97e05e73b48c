import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { connect as connectTls, type ConnectionOptions, createServer as createTlsServer } from 'node:tls'
import { StallWatch } from '../../../src/transport/stall-watch.ts'
import { TestAuthority } from '../../support/certificates.ts'

const STALLED_MS = 100

const authority = new TestAuthority()

/** Servers by what is spoken over TCP, and how their clients come. */
const OVER = {
  TCP: {
    server: createServer({ allowHalfOpen: false }),
    event: 'connection',
    come: (port: number): Socket => connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
  },
  TLS: {
    server: createTlsServer({ ...authority.issue(['127.0.0.1']), allowHalfOpen: false }),
    event: 'secureConnection',
    come: (port: number): Socket =>
      connectTls({ port, host: '127.0.0.1', ca: authority.ca, allowHalfOpen: true } as ConnectionOptions),
  },
} as const

for (const { server } of Object.values(OVER)) {
  server.listen(0, '127.0.0.1')
  after(() => server.close())
  await once(server, 'listening')
}

/** A watched socket, and its peer, which does not read. */
async function stalled(
  over: keyof typeof OVER = 'TCP',
): Promise<{ socket: Socket; peer: Socket; watch: StallWatch }> {
  const { server, event, come } = OVER[over]
  const peer = come((server.address() as AddressInfo).port).pause()
  peer.on('error', () => undefined)
  const [socket] = (await once(server, event)) as [Socket]
  after(() => {
    peer.destroy()
    socket.destroy()
  })
  const watch = new StallWatch(socket, STALLED_MS)
  // more than the kernel takes of it
  while (socket.writableLength < 1 << 20) {
    socket.write(Buffer.alloc(1 << 20))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { socket, peer, watch }
}

for (const [what, over, leave] of [
  ['that takes nothing', 'TCP', () => undefined],
  ['that takes nothing', 'TLS', () => undefined],
  ['that says it sends no more, and takes nothing', 'TCP', (peer: Socket) => peer.end()],
  ['that says it sends no more, and takes nothing', 'TLS', (peer: Socket) => peer.end()],
] as const) {
  test(`a client ${what} is gone after its time, with an error that says so (${over})`, async () => {
    const { socket, peer, watch } = await stalled(over)
    socket.resume()
    watch.begin()
    leave(peer)
    const [error] = (await once(socket, 'error')) as [Error]
    assert.match(error.message, /took nothing of what waited for it/)
    assert.ok(socket.destroyed)
  })
}

test('writing more to a client that takes nothing gains it no time', async () => {
  const { socket, watch } = await stalled()
  watch.begin()
  const writing = setInterval(() => {
    socket.write('more')
    watch.begin()
  }, STALLED_MS / 4)
  await once(socket, 'error')
  clearInterval(writing)
})

for (const over of ['TCP', 'TLS'] as const)
  test(`a client that takes all of it stays, however long it is silent then (${over})`, async () => {
    const { socket, peer, watch } = await stalled(over)
    watch.begin()
    peer.resume()
    await once(socket, 'timeout')
    assert.deepEqual([socket.destroyed, socket.timeout, socket.writableLength], [false, 0, 0])
  })
