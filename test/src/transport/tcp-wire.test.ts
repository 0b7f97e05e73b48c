import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { TcpWire } from '../../../src/transport/tcp-wire.ts'
import { RecordedEvents } from './recorded-events.ts'

const server = createServer().listen(0, '127.0.0.1')
after(() => server.close())
await once(server, 'listening')
const { port } = server.address() as AddressInfo

async function pair(): Promise<{ wire: TcpWire; events: RecordedEvents; peer: Socket }> {
  const peer = connect(port, '127.0.0.1')
  after(() => peer.destroy())
  const [socket] = (await once(server, 'connection')) as [Socket]
  after(() => socket.destroy())
  const events = new RecordedEvents()
  return { wire: new TcpWire(socket, { remoteAddress: '127.0.0.1', tls: null }, events), events, peer }
}

test('what the peer says is handed on, and its leaving is no error', async () => {
  const { wire, events, peer } = await pair()
  assert.equal(wire.remoteAddress, '127.0.0.1')
  peer.end('hello')
  await events.until('ended')
  assert.equal(events.bytes.toString(), 'hello')
  assert.equal(events.error, null)
})

test('a reset is an error', async () => {
  const { events, peer } = await pair()
  peer.resetAndDestroy()
  await events.until('ended')
  assert.match(events.error?.message ?? '', /ECONNRESET/)
})

test('what the kernel takes at once gives the buffer back; what it does not counts as backlog, and drains', async () => {
  const { wire, events, peer } = await pair()
  assert.equal(wire.write(Buffer.from('small')), true)
  assert.equal(wire.backlog, 0)
  peer.pause()
  while (wire.write(Buffer.alloc(1 << 20)));
  assert.ok(wire.backlog > 0)
  peer.resume()
  await events.until('drained')
  assert.equal(wire.backlog, 0)
})

test('a paused wire hands nothing on until it is resumed', async () => {
  const { wire, events, peer } = await pair()
  wire.pause()
  peer.write('later')
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(events.bytes.length, 0)
  wire.resume()
  await events.until('data')
  assert.equal(events.bytes.toString(), 'later')
})

test('after our end the peer still reads what was written; after destroy writing is harmless', async () => {
  const { wire, events, peer } = await pair()
  wire.write(Buffer.from('bye'))
  wire.end()
  const [chunk] = (await once(peer, 'data')) as [Buffer]
  assert.equal(chunk.toString(), 'bye')
  wire.destroy()
  await events.until('ended')
  assert.equal(wire.write(Buffer.from('more')), true)
})
