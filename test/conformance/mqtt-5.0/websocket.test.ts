import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import { generate, type Packet, parser } from 'mqtt-packet'
import { WebSocket } from 'ws'
import { startBroker } from '../../support/broker.ts'
import { connectPacket, RawClient } from '../../support/raw-client.ts'

const { port, webUrl } = await startBroker({ anonymous: true })

function bytesOf(...all: readonly Packet[]): Buffer {
  return Buffer.concat(all.map((packet) => generate(packet, { protocolVersion: 5 })))
}

const SUBSCRIBE: Packet = { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'ws', qos: 0 }] }
const SAID = bytesOf(connectPacket(5), SUBSCRIBE, { cmd: 'pingreq' })
const TEXT_FRAME = Buffer.from('81816162636400', 'hex')

/** A WebSocket, and the packets that come in it. */
class WebClient {
  readonly socket: WebSocket
  readonly #packets: Packet[] = []
  #wake: (() => void) | null = null

  private constructor(socket: WebSocket) {
    this.socket = socket
    const reader = parser({ protocolVersion: 5 })
    reader.on('packet', (packet) => void this.#packets.push(packet))
    socket.on('message', (data: Buffer, isBinary) => {
      assert.ok(isBinary)
      reader.parse(data)
      this.#wake?.()
    })
    after(() => socket.terminate())
  }

  static async open(protocols: string[] = ['mqtt']): Promise<WebClient> {
    const socket = new WebSocket(webUrl, protocols)
    const client = new WebClient(socket)
    await once(socket, 'open')
    return client
  }

  static async connect(): Promise<WebClient> {
    const client = await WebClient.open()
    client.socket.send(bytesOf(connectPacket(5)))
    await client.expect('connack')
    return client
  }

  async expect(...kinds: readonly Packet['cmd'][]): Promise<void> {
    while (this.#packets.length < kinds.length) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    assert.deepEqual(
      this.#packets.splice(0, kinds.length).map(({ cmd }) => cmd),
      kinds,
    )
  }
}

async function listener(topic: string): Promise<RawClient> {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic, qos: 0 })
  return client
}

function publishOf(topic: string): Buffer {
  return bytesOf({ cmd: 'publish', topic, payload: 'x', qos: 0, dup: false, retain: false })
}

describe('[MQTT-6.0.0-1] a frame that is not binary closes the connection', { concurrency: true }, () => {
  for (const [what, send] of [
    ['text before CONNECT', (socket: WebSocket) => socket.send(SAID.toString('latin1'))],
    ['no text at all', (socket: WebSocket) => socket.send('')],
    [
      'text in fragments',
      (socket: WebSocket) => {
        socket.send('a', { fin: false })
        socket.send('b', { fin: true })
      },
    ],
  ] as const) {
    test(what, async () => {
      const { socket } = await WebClient.open()
      send(socket)
      const [code] = (await once(socket, 'close')) as [number]
      assert.equal(code, 1003)
    })
  }

  test('and what comes behind it is not taken', async () => {
    const heard = await listener('behind')
    const { socket } = await WebClient.connect()
    socket.send(publishOf('behind'))
    socket.send('text')
    socket.send(publishOf('behind'))
    await once(socket, 'close')
    await heard.expect('publish')
    await heard.silence()
  })

  test('whether the client answers the close or not', async () => {
    const { hostname, port: webPort } = new URL(webUrl)
    const socket = connect(Number(webPort), hostname)
    after(() => socket.destroy())
    socket.write(
      'GET /mqtt HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n' +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    )
    await once(socket, 'data')
    socket.write(TEXT_FRAME)
    const got: Buffer[] = []
    for await (const chunk of socket) got.push(chunk as Buffer)
    assert.equal(Buffer.concat(got).subarray(0, 4).toString('hex').slice(4), '03eb')
  })
})

describe('[MQTT-6.0.0-2] packets need not be aligned with frames', () => {
  test('several in one frame', async () => {
    const client = await WebClient.open()
    client.socket.send(SAID)
    await client.expect('connack', 'suback', 'pingresp')
  })

  test('split at every byte, empty frames and pings between', async () => {
    const client = await WebClient.open()
    for (const byte of SAID) {
      client.socket.send(Buffer.from([byte]))
      client.socket.send(Buffer.alloc(0))
      client.socket.ping()
    }
    await client.expect('connack', 'suback', 'pingresp')
  })

  test('in messages of several fragments', async () => {
    const client = await WebClient.open()
    const middle = SAID.length >> 1
    client.socket.send(SAID.subarray(0, middle), { binary: true, fin: false })
    client.socket.send(SAID.subarray(middle), { binary: true, fin: true })
    await client.expect('connack', 'suback', 'pingresp')
  })

  test('one and a half in the first frame, the rest in the next', async () => {
    for (let at = 1; at < SAID.length; at += 1) {
      const client = await WebClient.open()
      client.socket.send(SAID.subarray(0, at))
      client.socket.send(SAID.subarray(at))
      await client.expect('connack', 'suback', 'pingresp')
      client.socket.terminate()
    }
  })
})

describe('[MQTT-6.0.0-3] [MQTT-6.0.0-4] the subprotocol', () => {
  test('mqtt is chosen wherever it is offered', async () => {
    for (const offered of [['mqtt'], ['chat', 'mqtt'], ['mqttv3.1', 'mqtt'], ['mqtt', 'mqttv3.1']]) {
      const { socket } = await WebClient.open(offered)
      assert.equal(socket.protocol, 'mqtt')
      socket.terminate()
    }
  })

  test('a client that does not offer it is not let in', async () => {
    for (const offered of [[], ['chat'], ['MQTT'], ['mqtt2']]) {
      const socket = new WebSocket(webUrl, offered)
      const [error] = (await once(socket, 'error')) as [Error]
      assert.match(error.message, /400/)
    }
  })
})
