import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, describe, test } from 'node:test'
import { generate } from 'mqtt-packet'
import { BACKLOG_BYTES, OUT_BYTES_A_TURN } from '../../src/base/limits.ts'
import { startBroker } from '../support/broker.ts'
import { collectGarbage } from '../support/holdings.ts'
import { eventually } from '../support/processes.ts'
import { connectPacket, RawClient } from '../support/raw-client.ts'

/** What a session may be owed. */
const QUEUED = 20
const IN_FLIGHT = 5
const { port, webUrl } = await startBroker({
  anonymous: true,
  mqtt: { connectTimeoutSec: 1 },
  quotas: { inflightMessages: IN_FLIGHT, queuedMessages: QUEUED },
})
const webPort = Number(new URL(webUrl).port)

/** Says one byte after the other, as slowly as it may, until the broker closes. */
async function trickle(socket: Socket, bytes: Buffer): Promise<void> {
  let at = 0
  const speaking = setInterval(() => socket.write(bytes.subarray(at, (at += 1))), 50)
  socket.on('error', () => undefined) // the broker may close between two bytes
  socket.resume()
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  clearInterval(speaking)
  assert.ok(at < bytes.length, 'it had more to say')
}

async function open(at: number): Promise<Socket> {
  const socket = connect({ port: at, host: '127.0.0.1' })
  after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

const UPGRADE = [
  'GET /mqtt HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
  'Sec-WebSocket-Protocol: mqtt',
  '\r\n',
].join('\r\n')

describe('who trickles bytes is gone in time', { concurrency: true, timeout: 60_000 }, () => {
  test('before its CONNECT is whole', async () => {
    await trickle(await open(port), generate(connectPacket(5, { clientId: 'x'.repeat(1000) })))
  })

  test('in a frame of a WebSocket that is to hold its CONNECT', async () => {
    const socket = await open(webPort)
    socket.write(UPGRADE)
    await once(socket, 'data')
    await trickle(socket, Buffer.concat([Buffer.from([0x82, 0xfe, 4, 0, 0, 0, 0, 0]), Buffer.alloc(1024)]))
  })

  for (const version of [4, 5] as const) {
    test(`in the midst of a packet, as silent as its keep alive allows, MQTT ${version === 5 ? '5' : '3.1.1'} [MQTT-3.1.2-22]`, async () => {
      const client = await RawClient.connect(port, version, { keepalive: 1 })
      const publish = { cmd: 'publish', topic: 't', qos: 0, dup: false, retain: false } as const
      const bytes = generate({ ...publish, payload: 'x'.repeat(1000) }, { protocolVersion: version })
      await trickle(client.socket, bytes)
    })
  }
})

test('a client that says by FIN that it sends no more is closed upon, what it is owed before that', async () => {
  const client = await RawClient.connect(port)
  client.send({ cmd: 'pingreq' })
  client.socket.end()
  assert.deepEqual(
    (await client.end()).map(({ cmd }) => cmd),
    ['pingresp'],
  )
})

/** Bytes of this process that are no objects: what sockets, queues and messages hold. */
function held(): number {
  collectGarbage()
  return process.memoryUsage().external
}

describe('who does not read, or does not acknowledge, costs what it may cost', { timeout: 60_000 }, () => {
  const BYTES = 128 * 1024
  const MESSAGES = 400

  test('a subscriber that never reads, at each QoS: the others get all, and memory stays bounded', async () => {
    const deaf = await Promise.all([0, 1, 2].map(() => RawClient.connect(port)))
    for (const [place, client] of deaf.entries()) {
      await client.subscribe({ topic: 'flood', qos: place as 0 | 1 | 2 })
      client.socket.pause()
    }
    const [healthy, sender] = await Promise.all([RawClient.connect(port), RawClient.connect(port)])
    await healthy.subscribe({ topic: 'flood', qos: 0 })
    const payload = Buffer.alloc(BYTES)
    const before = held()
    for (let messageId = 1; messageId <= MESSAGES; messageId += 1) {
      sender.publish({ topic: 'flood', payload, qos: 1, messageId })
      await sender.expect('puback')
      assert.equal((await healthy.expect('publish')).payload.length, BYTES)
    }
    // a backlog each, and what waits and flies of QoS 1 and 2, which both share
    const bound = 3 * (BACKLOG_BYTES + OUT_BYTES_A_TURN + BYTES) + 2 * (QUEUED + IN_FLIGHT) * BYTES
    assert.ok(bound < (MESSAGES * BYTES) / 4)
    // what is garbage goes a little later than it is collected
    await eventually(() => held() - before < bound)
  })

  test('a subscriber that never acknowledges gets its window, and what waits behind it is bounded', async () => {
    const mute = await RawClient.connect(port, 5, { properties: { receiveMaximum: 3 } })
    await mute.subscribe({ topic: 'owed', qos: 2 })
    const sender = await RawClient.connect(port)
    for (let messageId = 1; messageId <= QUEUED + 10; messageId += 1) {
      sender.publish({ topic: 'owed', payload: `${messageId}`, qos: 1, messageId })
      await sender.expect('puback')
    }
    const heard: string[] = []
    for (let count = 0; count < 3; count += 1) heard.push((await mute.expect('publish')).payload.toString())
    await mute.silence()
    // once it acknowledges, it gets what waited, and not what found the queue full
    for (let messageId = 1; messageId <= 3 + QUEUED; messageId += 1) {
      mute.send({ cmd: 'puback', messageId })
      if (messageId <= QUEUED) heard.push((await mute.expect('publish')).payload.toString())
    }
    await mute.silence()
    assert.deepEqual(
      heard,
      Array.from({ length: 3 + QUEUED }, (_, place) => `${place + 1}`),
    )
  })
})
