import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, test } from 'node:test'
import { WebSocket } from 'ws'
import { startBroker } from '../../support/broker.ts'
import {
  byte,
  closedOnceConnected,
  First,
  handWrittenConnect,
  onEachLevel,
  packet,
  text,
  uint16,
} from '../../support/hand-written.ts'
import { RawClient } from '../../support/raw-client.ts'

const { port, webUrl } = await startBroker({ anonymous: true, mqtt: { maximumPacketSize: '64KiB' } })
const crowded = await startBroker({ anonymous: true, quotas: { connections: 1 } })

async function openWebSocket(level: 3 | 4): Promise<WebSocket> {
  const socket = new WebSocket(webUrl, level === 3 ? 'mqttv3.1' : 'mqtt')
  after(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

/** The bytes of the next frames, until there are so many. */
async function bytesFrom(socket: WebSocket, count: number, send: () => void): Promise<Buffer> {
  const frames: Buffer[] = []
  const enough = Promise.withResolvers<void>()
  socket.on('message', (data, isBinary) => {
    assert.ok(isBinary)
    frames.push(data as Buffer)
    if (Buffer.concat(frames).length >= count) enough.resolve()
  })
  send()
  await enough.promise
  return Buffer.concat(frames)
}

const CONNACK = packet(0x20, uint16(0))
const PINGRESP = packet(0xd0)

onEachLevel('[MQTT-4.8.0-1] what breaks the protocol closes the connection', async (level) => {
  const id = uint16(1)
  const violations = [
    Buffer.of(First.pingreq, 0x80, 0x80, 0x80, 0x80, 0x00), // a length of five bytes
    Buffer.of(First.publish, 0xff, 0xff, 0xff, 0xff, 0x7f),
    packet(0x00), // types that there are none of
    packet(0xf0),
    packet(0x20, uint16(0)), // what only a server says
    packet(0x90, id, byte(0)),
    packet(0xb0, id),
    packet(0xd0),
    packet(First.puback), // too short, or too long
    packet(First.puback, byte(1)),
    packet(First.puback, id, byte(0)),
    packet(First.pubrec, id, byte(0)),
    packet(First.pubrel, id, byte(0)),
    packet(First.pubcomp, id, byte(0)),
    packet(First.pingreq, byte(0)),
    packet(First.disconnect, byte(0)),
    packet(First.publish | 0b010, text('t')),
    packet(First.subscribe, id, text('t')),
  ]
  await Promise.all(violations.map((bytes) => closedOnceConnected(port, level, bytes)))
})

onEachLevel('[MQTT-4.8.0-1] whoever breaks it disturbs nobody else', async (level) => {
  const neighbour = await RawClient.connect(port, level)
  await closedOnceConnected(port, level, packet(0xf0))
  await neighbour.silence()
})

onEachLevel('[MQTT-4.8.0-2] what the broker has no room for closes the connection', async (level) => {
  // of a packet above its limit it reads the header
  await closedOnceConnected(port, level, Buffer.of(First.publish, 0x81, 0x80, 0x04))
  await RawClient.connect(crowded.port, level, { clientId: 'the-one' })
  const late = await RawClient.open(crowded.port, level)
  assert.equal((await late.connack()).returnCode, 3)
  assert.deepEqual(await late.end(), [])
})

onEachLevel('[MQTT-6.0.0-1] a text frame closes the connection', async (level) => {
  for (const connected of [false, true]) {
    const socket = await openWebSocket(level)
    if (connected) {
      await bytesFrom(socket, CONNACK.length, () => socket.send(handWrittenConnect({ level })))
    }
    socket.send('text')
    await once(socket, 'close')
  }
})

onEachLevel('[MQTT-6.0.0-2] packets need not be frames: one in many, many in one', async (level) => {
  const bytes = Buffer.concat([handWrittenConnect({ level }), packet(First.pingreq), packet(First.pingreq)])
  const answer = Buffer.concat([CONNACK, PINGRESP, PINGRESP])
  for (const size of [1, 2, 5, bytes.length - 1, bytes.length]) {
    const socket = await openWebSocket(level)
    const got = await bytesFrom(socket, answer.length, () => {
      for (let at = 0; at < bytes.length; at += size) socket.send(bytes.subarray(at, at + size))
    })
    assert.deepEqual(got, answer)
    socket.terminate()
  }
})

test('[MQTT-6.0.0-3] whoever does not offer the subprotocol does not come in', async () => {
  for (const offered of [[], ['http'], ['mqtt5', 'MQTT']]) {
    const socket = new WebSocket(webUrl, offered)
    const [error] = (await once(socket, 'error')) as [Error]
    assert.match(error.message, /400/)
  }
})

test('[MQTT-6.0.0-4] the broker answers with the subprotocol mqtt', async () => {
  for (const offered of ['mqtt', 'mqtt, other', 'other, mqtt', 'mqttv3.1, mqtt']) {
    assert.equal(await chosen(offered), 'mqtt')
  }
  // as MQTT 3.1 called it
  assert.equal(await chosen('mqttv3.1'), 'mqttv3.1')
})

/** The subprotocol that the broker chooses of those offered. */
async function chosen(offered: string): Promise<string | undefined> {
  const upgrade = request(webUrl.replace('ws:', 'http:'), {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
      'sec-websocket-version': '13',
      'sec-websocket-protocol': offered,
    },
  })
  upgrade.end()
  const [response, socket] = (await once(upgrade, 'upgrade')) as [
    { readonly headers: Record<string, string | undefined> },
    { destroy(): void },
  ]
  socket.destroy()
  return response.headers['sec-websocket-protocol']
}
