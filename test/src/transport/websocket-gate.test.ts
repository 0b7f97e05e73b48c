import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { openFor } from './opened-listener.ts'

interface Wish {
  readonly path?: string
  readonly origin?: string
  readonly protocols?: string[]
}

const opened = await openFor('ws', { paths: ['/mqtt', '/acme'], origins: ['https://app.example'] })

/** How an upgrade ends: opened, or refused with a status. */
async function upgrade({ path = '/mqtt', origin, protocols = ['mqtt'] }: Wish): Promise<string> {
  const headers = origin === undefined ? {} : { origin }
  const socket = new WebSocket(`ws://127.0.0.1:${opened.listener.port}${path}`, protocols, { headers })
  after(() => socket.terminate())
  const end = await new Promise<string>((resolve) => {
    socket.on('open', () => resolve('open'))
    socket.on('error', ({ message }) => resolve(message))
  })
  socket.terminate()
  return end
}

describe('an upgrade', () => {
  for (const [name, wish, end] of [
    ['at any of its paths, with a query', { path: '/acme?x=1' }, /^open$/],
    ['of an origin on the list', { origin: 'https://app.example' }, /^open$/],
    ['at another path', { path: '/mqtt/' }, /400/],
    ['of another origin', { origin: 'https://evil.example' }, /403/],
    ['of an origin that only begins alike', { origin: 'https://app.example.evil' }, /403/],
    ['without a subprotocol of MQTT', { protocols: ['chat'] }, /400/],
    ['without any subprotocol', { protocols: [] }, /400/],
  ] as const) {
    test(name, async () => assert.match(await upgrade(wish as Wish), end))
  }
})

/** Upgrades by hand, and returns the socket behind the answer. */
async function upgradedByHand(): Promise<ReturnType<typeof connect>> {
  const socket = connect(opened.listener.port, '127.0.0.1')
  after(() => socket.destroy())
  socket.write(
    'GET /mqtt HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n',
  )
  const [answer] = (await once(socket, 'data')) as [Buffer]
  assert.match(answer.toString(), /^HTTP\/1\.1 101/)
  return socket
}

test('a frame that is not masked ends the connection [RFC 6455, 5.1]', async () => {
  const socket = await upgradedByHand()
  const { wires } = opened
  const { events } = wires.at(-1) as (typeof wires)[number]
  socket.write(Buffer.from([0x82, 2, 0xc0, 0x00]))
  await events.until('ended')
  assert.equal(events.bytes.length, 0)
  assert.match(String(events.error), /MASK must be set/)
})

test('a listener that closes lets nobody in who had no upgrade yet', async () => {
  const { listener, wires } = await openFor('ws')
  const socket = connect(listener.port, '127.0.0.1')
  socket.write('GET /mqtt HTTP/1.1\r\n')
  await once(socket, 'connect')
  // the server has to see it before it can close it
  await new Promise((resolve) => setTimeout(resolve, 20))
  await listener.close()
  socket.on('error', () => undefined).resume()
  await once(socket, 'close')
  assert.equal(wires.length, 0)
})
