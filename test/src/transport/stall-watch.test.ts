import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { StallWatch } from '../../../src/transport/stall-watch.ts'

const STALLED_MS = 100

const server = createServer({ allowHalfOpen: false }).listen(0, '127.0.0.1')
after(() => server.close())
await once(server, 'listening')
const { port } = server.address() as AddressInfo

/** A watched socket, and its peer, which does not read. */
async function stalled(): Promise<{ socket: Socket; peer: Socket; watch: StallWatch }> {
  const peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).pause()
  peer.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [Socket]
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

for (const [what, leave] of [
  ['that takes nothing', () => undefined],
  ['that says it sends no more, and takes nothing', (peer: Socket) => peer.end()],
] as const) {
  test(`a client ${what} is gone after its time, with an error that says so`, async () => {
    const { socket, peer, watch } = await stalled()
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

test('a client that takes all of it stays, however long it is silent then', async () => {
  const { socket, peer, watch } = await stalled()
  watch.begin()
  peer.resume()
  await once(socket, 'timeout')
  assert.deepEqual([socket.destroyed, socket.timeout, socket.writableLength], [false, 0, 0])
})
