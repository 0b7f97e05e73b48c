import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { BACKLOG_BYTES } from '../../../src/base/limits.ts'
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

const REQUEST = {
  Host: 'h',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol': 'mqtt',
}

/** Asks by hand, and returns the socket and the head of the answer. */
async function ask(
  line: string,
  over: Readonly<Record<string, string>> = {},
): Promise<{ readonly socket: ReturnType<typeof connect>; readonly answer: string }> {
  const socket = connect(opened.listener.port, '127.0.0.1')
  after(() => socket.destroy())
  const headers = Object.entries({ ...REQUEST, ...over }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`${line}\r\n${headers.join('')}\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return { socket, answer: answer.toString() }
}

const LINE = 'GET /mqtt HTTP/1.1'

describe('a request by hand', () => {
  for (const [name, line, over, status] of [
    ['that asks for compression gets none', LINE, { 'Sec-WebSocket-Extensions': 'permessage-deflate' }, 101],
    ['in lower case', LINE, { Connection: 'keep-alive, upgrade', Upgrade: 'WebSocket' }, 101],
    ['of a version that is none', LINE, { 'Sec-WebSocket-Version': '7' }, 400],
    ['with a key that is none', LINE, { 'Sec-WebSocket-Key': 'AAAA' }, 400],
    ['with another method', 'POST /mqtt HTTP/1.1', {}, 405],
    ['for another protocol', LINE, { Upgrade: 'h2c' }, 400],
    ['that asks for no upgrade', LINE, { Connection: 'close' }, 426],
    ['with a header that is too long', LINE, { 'X-Long': 'x'.repeat(20_000) }, 431],
    ['with too long a path', `GET /${'x'.repeat(20_000)} HTTP/1.1`, {}, 431],
    ['that is no HTTP', 'MQTT', {}, 400],
  ] as const) {
    test(`${name}: ${status}`, async () => {
      const before = opened.wires.length
      const { socket, answer } = await ask(line, over)
      assert.match(answer, new RegExp(String.raw`^HTTP/1\.1 ${status} `))
      assert.equal(opened.wires.length, status === 101 ? before + 1 : before)
      assert.doesNotMatch(answer, /extensions/i)
      if (status !== 101) await once(socket.resume(), 'close')
    })
  }
})

/** A frame of a client, masked with zeroes unless the test says otherwise. */
function frame(first: number, payload: Buffer | string, length = payload.length, mask = 0x80): Buffer {
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head.writeUInt8(first)
  if (length < 126) head.writeUInt8(mask | length, 1)
  else if (length < 65_536) head.writeUInt16BE(length, head.writeUInt8(mask | 126, 1))
  else head.writeBigUInt64BE(BigInt(length), head.writeUInt8(mask | 127, 1))
  return Buffer.concat([head, Buffer.alloc(mask === 0 ? 0 : 4), Buffer.from(payload)])
}

const [FIN, CONTINUATION, TEXT, BINARY, CLOSE, PING] = [0x80, 0, 1, 2, 8, 9] as const

/** What the broker was told of these frames, and the code with which they were closed. */
async function sent(
  ...frames: readonly Buffer[]
): Promise<{ readonly bytes: string; readonly code: number }> {
  const { socket } = await ask(LINE)
  const answers: Buffer[] = []
  socket.on('data', (chunk: Buffer) => answers.push(chunk))
  socket.write(Buffer.concat(frames))
  await once(socket, 'end')
  const { events } = opened.wires.at(-1) as (typeof opened.wires)[number]
  await events.until('ended')
  const answer = Buffer.concat(answers)
  const close = answer.indexOf(FIN | CLOSE)
  return { bytes: events.bytes.toString(), code: close < 0 ? 0 : answer.readUInt16BE(close + 2) }
}

describe('frames [RFC 6455, 5]', () => {
  const BYE = frame(FIN | CLOSE, Buffer.from([0x03, 0xe8]))
  for (const [name, frames, end] of [
    ['that is not masked', [frame(FIN | BINARY, 'x', 1, 0)], ['', 1002]],
    [
      'of text',
      [frame(FIN | BINARY, 'a'), frame(FIN | TEXT, 'b'), frame(FIN | BINARY, 'c'), BYE],
      ['a', 1003],
    ],
    ['of text that is none', [frame(FIN | TEXT, Buffer.from([0xff]))], ['', 1007]],
    ['that says that it is compressed', [frame(FIN | 0x40 | BINARY, 'x')], ['', 1002]],
    ['of no kind', [frame(FIN | 3, 'x')], ['', 1002]],
    ['that continues nothing', [frame(FIN | CONTINUATION, 'x')], ['', 1002]],
    ['that begins within another message', [frame(BINARY, 'x'), frame(FIN | BINARY, 'y')], ['', 1002]],
    ['that promises more than is taken', [frame(FIN | BINARY, 'x', 2 ** 20)], ['', 1009]],
    ['that promises more than there is', [frame(FIN | BINARY, 'x', 2 ** 53)], ['', 1009]],
    ['of a long ping', [frame(FIN | PING, 'x'.repeat(126))], ['', 1002]],
    ['of half a ping', [frame(PING, 'x')], ['', 1002]],
    ['of a false close', [frame(FIN | CLOSE, Buffer.from([0x03, 0xed]))], ['', 1002]],
    [
      'in fragments, with a ping between',
      [frame(BINARY, 'a'), frame(FIN | PING, ''), frame(CONTINUATION, 'b'), frame(FIN, 'c'), BYE],
      ['abc', 1000],
    ],
    [
      'in fragments that hold next to nothing',
      [frame(BINARY, 'a'), ...Array.from({ length: 300 }, () => frame(CONTINUATION, 'b'))],
      ['', 1008],
    ],
    ['and a close, and more', [frame(FIN | BINARY, 'a'), BYE, frame(FIN | BINARY, 'b')], ['a', 1000]],
  ] as const) {
    test(`one ${name}: ${end[1]}`, async () => {
      const { bytes, code } = await sent(...frames)
      assert.deepEqual([bytes, code], end)
    })
  }

  test('pings of who reads no answer cost bounded memory', async () => {
    const { socket } = await ask(LINE)
    socket.pause()
    const { wire, events } = opened.wires.at(-1) as (typeof opened.wires)[number]
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(FIN | PING, 'x'.repeat(125))))
    // what the kernel keeps on both sides is full before anything waits here
    for (let round = 0; round < 400 && wire.backlog <= BACKLOG_BYTES; round += 1) {
      if (!socket.write(pings)) await once(socket, 'drain')
    }
    assert.ok(wire.backlog > BACKLOG_BYTES)
    const most = wire.backlog
    socket.write(Buffer.concat([pings, frame(FIN | BINARY, 'behind')]))
    await events.until('data')
    assert.ok(wire.backlog <= most)
    assert.ok(most < BACKLOG_BYTES + 1000)
  })

  test('who is told to go and does not answer is closed in a moment', async () => {
    assert.deepEqual(await sent(frame(FIN | TEXT, 'x')), { bytes: '', code: 1003 })
  })

  test('a ping is answered with what it holds', async () => {
    const { socket } = await ask(LINE)
    socket.write(frame(FIN | PING, 'still there?'))
    const [pong] = (await once(socket, 'data')) as [Buffer]
    assert.deepEqual(pong, Buffer.from('\x8a\x0cstill there?', 'latin1'))
  })
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
