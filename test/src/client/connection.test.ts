import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, describe, it, type TestContext } from 'node:test'
import { openConnection } from '../../../src/client/connection.ts'
import { ForeignBroker, NO_FOREIGN_BROKER } from '../cli/foreign-broker.ts'

describe('a client connection to a foreign broker', { skip: NO_FOREIGN_BROKER }, () => {
  let broker: ForeignBroker

  before(async () => {
    broker = await ForeignBroker.start(['allow_anonymous true'], 'topic readwrite open/#\n')
  })

  after(() => broker.stop())

  const open = (clientId: string, onMessage?: (topic: string, payload: Buffer) => void) =>
    openConnection(
      { host: '127.0.0.1', port: broker.port, protocolVersion: 5, clientId },
      { address: 'here', ...(onMessage && { onMessage }) },
    )

  it('publishes, subscribes and receives', async () => {
    const arrived = Promise.withResolvers<string>()
    const connection = await open('one', (topic, payload) => arrived.resolve(`${topic} ${String(payload)}`))
    const { codes } = await connection.subscribe(['open/a', 'open/+/b'], { qos: 1 })
    assert.deepEqual(codes, [1, 1])
    await connection.publish('open/a', Buffer.from('hi'), { qos: 1 })
    assert.equal(await arrived.promise, 'open/a hi')
    await connection.end()
  })

  it('says why a message was refused, and goes on', async () => {
    const connection = await open('two')
    await assert.rejects(connection.publish('closed', Buffer.from('x'), { qos: 2 }), {
      code: 'ERR_CLIENT',
      message: 'Publish to closed refused: Not authorized (0x87)',
    })
    await connection.publish('open/a', Buffer.from('x'), { qos: 2 })
    await connection.end()
  })
})

/** A peer that answers the first bytes it gets with these, and hangs up. */
async function peer(t: TestContext, answer: readonly number[]): Promise<number> {
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(Uint8Array.from(answer)))
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

describe('a client connection', () => {
  it('is lost when the broker ends it, with the reason that it gave', async (t) => {
    const connack = [0x20, 3, 0, 0, 0]
    const takenOver = [0xe0, 2, 0x8e, 0]
    const port = await peer(t, [...connack, ...takenOver])
    const connection = await openConnection(
      { host: '127.0.0.1', port, protocolVersion: 5 },
      { address: 'here' },
    )
    await assert.rejects(connection.lost, {
      code: 'ERR_CLIENT',
      message: 'Disconnected: Session taken over (0x8e)',
    })
  })

  it('does not come about when the broker refuses, with the reason that it gave', async (t) => {
    const reason = Buffer.from('unknown user')
    const properties = [reason.length + 3, 0x1f, 0, reason.length, ...reason]
    const port = await peer(t, [0x20, properties.length + 2, 0, 0x87, ...properties])
    await assert.rejects(
      openConnection({ host: '127.0.0.1', port, protocolVersion: 5 }, { address: 'here' }),
      { code: 'ERR_CLIENT', message: 'Connection error: Not authorized (0x87): unknown user' },
    )
  })

  it('does not come about when the peer hangs up, and says who that was', async (t) => {
    const port = await peer(t, [])
    await assert.rejects(openConnection({ host: '127.0.0.1', port }, { address: `127.0.0.1:${port}` }), {
      code: 'ERR_CLIENT',
      message: `127.0.0.1:${port}: the connection was lost`,
    })
  })
})
