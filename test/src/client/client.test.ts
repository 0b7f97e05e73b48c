import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { after, before, describe, it, type TestContext } from 'node:test'
import { Client, publishOptions } from '../../../src/client/client.ts'
import { clientPlan } from '../../../src/client-plan.ts'
import { loadClientConfig } from '../../../src/config/load-client-config.ts'
import { ForeignBroker, NO_FOREIGN_BROKER } from '../cli/foreign-broker.ts'
import { connectWithInbox } from '../../support/mqttjs.ts'

/** A client without plugins, and what ends with the test. */
async function clientOf(
  t: TestContext,
  port: number,
  config: Readonly<Record<string, unknown>> = {},
): Promise<Client> {
  const connection = { uri: `mqtt://127.0.0.1:${port}` }
  const client = new Client(clientPlan(await loadClientConfig({ connection, ...config }, {})), () =>
    Promise.resolve(undefined),
  )
  t.after(() => client.disconnect())
  return client
}

it('flags of a message are those of its topic, else those of all', () => {
  const defaults = {
    qos: 1,
    retain: false,
    topics: new Map([['a', { qos: 2, retain: true } as const]]),
  } as const
  assert.deepEqual(publishOptions(defaults, 'a'), { qos: 2, retain: true })
  assert.deepEqual(publishOptions(defaults, 'b'), { qos: 1, retain: false })
})

const FOREIGN = { skip: NO_FOREIGN_BROKER, concurrency: true }
let broker: ForeignBroker

before(async () => {
  if (NO_FOREIGN_BROKER === false)
    broker = await ForeignBroker.start(['allow_anonymous true'], 'topic readwrite open/#\n')
})

after(() => broker?.stop())

describe('what a client sends to a foreign broker, and gets', FOREIGN, () => {
  it('messages come as they are, and end with the connection', async (t) => {
    const client = await clientOf(t, broker.port)
    await client.connect()
    assert.deepEqual(await client.subscribe(['open/a', 'open/+/b'], { qos: 2 }), [
      { filter: 'open/a', qos: 2, refusal: undefined },
      { filter: 'open/+/b', qos: 2, refusal: undefined },
    ])
    await client.publish('open/a', 'text', { qos: 2 })
    await client.publish('open/x/b', new Uint8Array([0xff, 0]), { qos: 1 })
    const messages = client.messages()
    const [first, second] = [(await messages.next()).value, (await messages.next()).value]
    assert.deepEqual(
      [first?.topic, String(first?.payload), first?.qos, first?.retain],
      ['open/a', 'text', 2, false],
    )
    assert.deepEqual([...(second?.payload ?? [])], [0xff, 0])
    await client.unsubscribe('open/a')
    await client.disconnect()
    assert.equal((await messages.next()).done, true)
  })

  it('default_qos and default_retain go along; topics, and what is said, go before them', async (t) => {
    const { inbox, client: watcher } = await connectWithInbox(`mqtt://127.0.0.1:${broker.port}`, {
      protocolVersion: 5,
    })
    await watcher.subscribeAsync(['open/any', 'open/own'], { qos: 2, rap: true })
    const topics = { 'open/own': { qos: 2 } }
    const client = await clientOf(t, broker.port, { default_qos: 1, default_retain: true, topics })
    await client.connect()
    await client.publish('open/any', 'x')
    await client.publish('open/own', 'x')
    await client.publish('open/any', 'x', { qos: 0 })
    await client.publish('open/any', '', { qos: 1 }) // forgets it
    const seen = (await inbox.take(4)).map(({ topic, qos, retain }) => [topic, qos, retain])
    // a handshake takes longer than a message without one
    assert.deepEqual(
      seen.toSorted((one, other) => (String(one) < String(other) ? -1 : 1)),
      [
        ['open/any', 0, true],
        ['open/any', 1, true],
        ['open/any', 1, true],
        ['open/own', 2, false],
      ],
    )
  })

  it('a message that is refused is said with its reason', async (t) => {
    const client = await clientOf(t, broker.port, { protocol_version: 5 })
    await client.connect()
    await assert.rejects(client.publish('closed', 'x', { qos: 1 }), {
      code: 'ERR_CLIENT',
      message: 'Publish to closed refused: Not authorized (0x87)',
    })
  })

  it('a filter that it is subscribed to may come again, with others', async (t) => {
    const client = await clientOf(t, broker.port)
    await client.connect()
    await client.subscribe('open/a', { qos: 1 })
    const again = await client.subscribe(['open/b', 'open/a'], { qos: 1 })
    assert.deepEqual(
      again.map(({ qos }) => qos),
      [1, 1],
    )
    assert.equal((await client.subscribe('open/a', { qos: 1 }))[0]?.qos, 1)
  })
})

describe('a client that leaves a foreign broker', FOREIGN, () => {
  it('the will goes out when the connection breaks, and not when it ends', async (t) => {
    const { inbox, client: watcher } = await connectWithInbox(`mqtt://127.0.0.1:${broker.port}`)
    await watcher.subscribeAsync('open/will/#')
    const leaving = await clientOf(t, broker.port, { will: { topic: 'open/will/left', message: 'x' } })
    await leaving.connect()
    await leaving.disconnect()
    const dying = await clientOf(t, broker.port, {
      client_id: 'twin',
      auto_reconnect: false,
      will: { topic: 'open/will/died', message: 'gone' },
    })
    await dying.connect()
    await connectWithInbox(`mqtt://127.0.0.1:${broker.port}`, { clientId: 'twin' })
    const [will] = await inbox.take(1)
    assert.deepEqual([will?.topic, will?.payload], ['open/will/died', 'gone'])
  })

  it('a session that is kept has what came meanwhile', async (t) => {
    const kept = { client_id: 'keeper', cleansession: false }
    const leaver = await clientOf(t, broker.port, kept)
    await leaver.connect()
    await leaver.subscribe('open/kept', { qos: 1 })
    await leaver.disconnect()
    const other = await clientOf(t, broker.port)
    await other.connect()
    await other.publish('open/kept', 'meanwhile', { qos: 1 })
    const back = await clientOf(t, broker.port, kept)
    await back.connect()
    assert.equal(String((await back.messages().next()).value?.payload), 'meanwhile')
  })
})

describe('a foreign broker that leaves a client', FOREIGN, () => {
  it('a broker that is killed and comes back has its subscriptions again, and what waited', async (t) => {
    const restless = await ForeignBroker.start()
    t.after(() => restless.stop())
    const client = await clientOf(t, restless.port, { reconnect_max_interval: 1, reconnect_retries: 30 })
    await client.connect()
    await client.subscribe('a', { qos: 1 })
    await restless.kill()
    const waiting = client.publish('b', 'waited', { qos: 1 })
    await restless.restart()
    await waiting
    await client.publish('a', 'back', { qos: 1 })
    assert.equal(String((await client.messages().next()).value?.payload), 'back')
  })

  it('a broker that stays away is given up: who reads and who publishes is told', async (t) => {
    const gone = await ForeignBroker.start()
    const client = await clientOf(t, gone.port, { reconnect_retries: 1 })
    await client.connect()
    const reading = client.messages().next()
    await gone.stop()
    const refused = { code: 'ERR_CLIENT', message: /^127\.0\.0\.1:\d+: .*ECONNREFUSED/ }
    await Promise.all([
      assert.rejects(client.publish('a', 'x', { qos: 1 }), refused),
      assert.rejects(reading, refused),
    ])
  })
})

/** A peer that does what the test says with each connection. */
async function peer(t: TestContext, onSocket: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    onSocket(socket)
  }).listen(0, '127.0.0.1')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

const CONNACK = Uint8Array.from([0x20, 2, 0, 0])

describe('a client and a peer that we script', { concurrency: true }, () => {
  it('tells the broker its keep alive, and pings ping_delay before it is over', async (t) => {
    const connect = Promise.withResolvers<Buffer>()
    const pinged = Promise.withResolvers<number>()
    let since = 0
    const port = await peer(t, (socket) => {
      socket.on('data', (bytes: Buffer) => {
        if (bytes[0] === 0x10) {
          connect.resolve(Buffer.from(bytes))
          since = performance.now()
          socket.write(CONNACK)
        } else if (bytes[0] === 0xc0) pinged.resolve(performance.now() - since)
      })
    })
    const client = await clientOf(t, port, { keep_alive: 60, ping_delay: 59 })
    await client.connect()
    // behind protocol name, level and flags
    assert.equal((await connect.promise).readUInt16BE(10), 60)
    assert.ok((await pinged.promise) < 30_000)
    await client.disconnect()
  })

  it('a refusal that stands is not tried again; one that passes is', async (t) => {
    const answers = [3, 3, 5]
    const port = await peer(t, (socket) => {
      socket.once('data', () => socket.end(Uint8Array.from([0x20, 2, 0, answers.shift() ?? 0])))
    })
    const client = await clientOf(t, port, { reconnect_max_interval: 1, reconnect_retries: 9 })
    await assert.rejects(client.connect(), {
      code: 'ERR_CLIENT',
      message: 'Connection error: Not authorized (5)',
    })
    assert.deepEqual(answers, [])
  })

  it('a refused filter is said with its reason, and all refused is an error', async (t) => {
    const answers = [[0x01, 0x80], [0x80]]
    const port = await peer(t, (socket) => {
      socket.on('data', (bytes: Buffer) => {
        if (bytes[0] === 0x10) socket.write(CONNACK)
        if (bytes[0] !== 0x82) return
        const codes = answers.shift() ?? []
        // behind the packet's head is its identifier
        socket.write(Buffer.from([0x90, 2 + codes.length, bytes[2] ?? 0, bytes[3] ?? 0, ...codes]))
      })
    })
    const client = await clientOf(t, port, { auto_reconnect: false })
    await client.connect()
    assert.deepEqual(await client.subscribe(['a', 'b'], { qos: 1 }), [
      { filter: 'a', qos: 1, refusal: undefined },
      { filter: 'b', qos: undefined, refusal: 'Unspecified error (0x80)' },
    ])
    await assert.rejects(client.subscribe('c'), {
      code: 'ERR_CLIENT',
      message: 'Subscription to c refused: Unspecified error (0x80)',
    })
  })

  it('who does not answer in time is no broker', async (t) => {
    const port = await peer(t, () => undefined)
    const client = await clientOf(t, port, { connection_timeout: 1, auto_reconnect: false })
    await assert.rejects(client.connect(), { code: 'ERR_CLIENT', message: /connack timeout/ })
  })
})

describe('what a client does not do', () => {
  it('no more than 1024 messages are under way', async (t) => {
    const port = await peer(t, (socket) => {
      socket.once('data', () => socket.write(CONNACK))
    })
    const client = await clientOf(t, port, { auto_reconnect: false })
    await client.connect()
    const sent = Array.from({ length: 1024 }, () => client.publish('a', 'x', { qos: 1 }))
    const all = Promise.allSettled(sent)
    await assert.rejects(client.publish('a', 'x', { qos: 1 }), { message: /1024 messages are under way/ })
    t.after(() => all)
  })

  it('without a connection there is nothing to publish on, and one is enough', async (t) => {
    const port = await peer(t, (socket) => {
      socket.once('data', () => socket.write(CONNACK))
    })
    const client = await clientOf(t, port)
    await assert.rejects(client.publish('a', 'x'), { code: 'ERR_CLIENT', message: /connect\(\) comes first/ })
    await client.connect()
    await assert.rejects(client.connect(), { code: 'ERR_CLIENT', message: /connected already/ })
  })
})
