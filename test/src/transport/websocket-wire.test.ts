import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, describe, test } from 'node:test'
import { generate, type Packet, parser } from 'mqtt-packet'
import { WebSocket } from 'ws'
import { startBroker } from '../../support/broker.ts'
import { connectPacket, RawClient } from '../../support/raw-client.ts'

const { port, webUrl } = await startBroker({ anonymous: true })

async function openSocket(protocols: string[] = ['mqtt']): Promise<WebSocket> {
  const socket = new WebSocket(webUrl, protocols)
  after(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

/** The packets that come, as many as are asked for. */
async function packets(socket: WebSocket, count: number): Promise<readonly Packet[]> {
  const reader = parser({ protocolVersion: 5 })
  const got: Packet[] = []
  reader.on('packet', (packet) => void got.push(packet))
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.on('message', (data: Buffer, isBinary) => {
    assert.ok(isBinary)
    reader.parse(data)
    if (got.length >= count) resolve()
  })
  await promise
  return got
}

function bytesOf(...all: readonly Packet[]): Buffer {
  return Buffer.concat(all.map((packet) => generate(packet, { protocolVersion: 5 })))
}

const SUBSCRIBE: Packet = { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'ws', qos: 0 }] }
const PING: Packet = { cmd: 'pingreq' }
const ANSWERS = ['connack', 'suback', 'pingresp']

describe('[MQTT-6.0.0-2] packets need not align with frames', () => {
  test('several packets in one frame', async () => {
    const socket = await openSocket()
    const answers = packets(socket, 3)
    socket.send(bytesOf(connectPacket(5), SUBSCRIBE, PING))
    assert.deepEqual(
      (await answers).map(({ cmd }) => cmd),
      ANSWERS,
    )
  })

  test('a packet over several frames, byte by byte', async () => {
    const socket = await openSocket()
    const answers = packets(socket, 3)
    for (const byte of bytesOf(connectPacket(5), SUBSCRIBE, PING)) socket.send(Buffer.from([byte]))
    assert.deepEqual(
      (await answers).map(({ cmd }) => cmd),
      ANSWERS,
    )
  })
})

test('[MQTT-6.0.0-1] a text frame ends the connection', async () => {
  const socket = await openSocket()
  socket.send('CONNECT')
  const [code] = (await once(socket, 'close')) as [number]
  assert.equal(code, 1003)
})

for (const offered of [['mqtt'], ['mqttv3.1'], ['other', 'mqtt']]) {
  test(`[MQTT-6.0.0-4] of the subprotocols ${offered.join(', ')} an MQTT one is chosen`, async () => {
    const socket = await openSocket(offered)
    assert.equal(socket.protocol, offered.at(-1))
  })
}

test('a refused client reads why, and then the close', async () => {
  const socket = await openSocket()
  const answers = packets(socket, 1)
  const closed = once(socket, 'close')
  socket.send(bytesOf(connectPacket(5, { properties: { authenticationMethod: 'x' } })))
  const [connack] = await answers
  assert.equal(connack?.cmd === 'connack' && connack.reasonCode, 0x8c)
  await closed
})

test('a client that reads late gets what QoS 1 kept for it', async () => {
  const socket = await openSocket()
  const begun = packets(socket, 2)
  socket.send(
    bytesOf(connectPacket(5), { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'late', qos: 1 }] }),
  )
  await begun
  socket.pause()
  const publisher = await RawClient.connect(port)
  const payload = Buffer.alloc(256 * 1024)
  const count = 40
  for (let messageId = 1; messageId <= count; messageId++) {
    publisher.publish({ topic: 'late', payload, qos: 1, messageId })
    await publisher.expect('puback')
  }
  const late = packets(socket, count)
  socket.resume()
  assert.equal((await late).length, count)
})
