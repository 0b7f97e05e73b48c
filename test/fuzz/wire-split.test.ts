import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import { TickEnd } from '../../src/base/tick-end.ts'
import { Traffic } from '../../src/base/traffic.ts'
import { Peer } from '../../src/protocol/peer.ts'
import type { Node } from '../../src/protocol/ports.ts'
import { CONDUCT } from '../../src/protocol/verbs.ts'
import { Connection } from '../../src/transport/connection.ts'
import { StagedWire } from '../src/transport/staged-wire.ts'
import { startBroker } from '../support/broker.ts'
import { connectPacket } from '../support/raw-client.ts'
import { TestLink } from '../support/sessions.ts'
import { StagedRealm } from '../support/staged-realm.ts'
import { parsed } from '../support/topics.ts'
import { endlessTurns } from '../support/turns.ts'
import { changed, changes, packet, version, written } from './wire-streams.ts'

/** How long each test here goes on; `npm test` runs a short share of what a long run may find. */
const SHARE_MS = Number(process.env['BULKHEAD_FUZZ_MS'] ?? 3000) / 2
const RUN = {
  numRuns: Number.POSITIVE_INFINITY,
  plugins: [fc.interruptAfterTimeLimit(SHARE_MS)],
  endOnFailure: true,
}

/** As the staged node is: what CONNACK says is part of the answer. */
const { port, webUrl } = await startBroker({
  anonymous: true,
  mqtt: { receiveMaximum: 10, topicAliasMaximum: 2, maximumPacketSize: 1 << 20, retainAvailable: false },
})

/** What a broker answered, and what others heard of it. */
interface Answer {
  readonly bytes: string
  readonly isEnded: boolean
  readonly heard: string
}

/**
 * A broker of one tenant, in memory, to whom a newcomer says this, piece by piece.
 *
 * @param isAlone nobody else listens, and nothing is retained, as at the broker that has sockets.
 */
async function answerTo(pieces: readonly Buffer[], isAlone = false): Promise<Answer> {
  const realm = await StagedRealm.open()
  const heard = new TestLink()
  const options = { qos: 0, noLocal: false, retainAsPublished: true, subscriptionId: 0 } as const
  if (!isAlone) realm.tenant.subscriptions.add(parsed('#'), realm.session('witness', heard), options)
  const node = Object.assign(Object.create(realm.node) as Node, {
    resolve: () => ({ realm: realm.tenant, username: undefined }),
    mqtt: { ...realm.node.mqtt, retainAvailable: !isAlone },
  })
  const wire = new StagedWire()
  const connection = new Connection(new TickEnd(), endlessTurns(), 1 << 20, new Traffic())
  const peer = new Peer(node, connection, 'tcp', CONDUCT)
  connection.open(wire, peer, () => undefined)
  for (const piece of pieces) {
    connection.data(piece)
    connection.flush()
  }
  connection.ended(null)
  connection.destroy()
  return {
    bytes: Buffer.concat(wire.written).toString('hex'),
    isEnded: wire.isEnded,
    heard: heard.out.bytes.toString('hex', 0, heard.out.length),
  }
}

const conversation: fc.Arbitrary<Buffer> = fc
  .tuple(version, fc.array(packet, { maxLength: 6 }), fc.option(changes, { nil: [] }))
  .map(([protocol, all, how]) =>
    changed(
      [connectPacket(protocol, { clientId: 'c' }), ...all].map((each) => written(each, protocol)),
      how,
    ),
  )

test('bytes that are split at any position are answered as in one piece', async () => {
  await fc.assert(
    fc.asyncProperty(conversation, async (bytes) => {
      const whole = await answerTo([bytes])
      for (let at = 1; at < bytes.length; at += 1)
        assert.deepEqual(await answerTo([bytes.subarray(0, at), bytes.subarray(at)]), whole, `split at ${at}`)
      const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
      assert.deepEqual(await answerTo(single), whole, 'byte by byte')
    }),
    RUN,
  )
})

/** All that is answered until as much has come as is expected, or the broker closes. */
async function answerOverTcp(bytes: Buffer, size: number, expected: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  const answer = collect(expected)
  socket.on('data', (chunk: Buffer) => answer.add(chunk))
  socket.on('end', answer.end)
  socket.on('error', () => undefined)
  const closing = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await once(socket, 'connect')
  for (let at = 0; at < bytes.length; at += size) {
    socket.write(bytes.subarray(at, at + size))
    await nextTurn()
  }
  await answer.isWhole
  socket.end()
  await closing
  return answer.hex()
}

async function answerOverWebSocket(bytes: Buffer, size: number, expected: number): Promise<string> {
  const socket = new WebSocket(webUrl, 'mqtt')
  const answer = collect(expected)
  socket.on('message', (data: Buffer) => answer.add(data))
  const closing = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('close', answer.end)
  socket.on('error', () => undefined)
  await once(socket, 'open')
  for (let at = 0; at < bytes.length; at += size) socket.send(bytes.subarray(at, at + size))
  await answer.isWhole
  socket.close()
  await closing
  return answer.hex()
}

interface Collected {
  add(chunk: Buffer): void
  end(): void
  hex(): string
  readonly isWhole: Promise<void>
}

function collect(expected: number): Collected {
  const chunks: Buffer[] = []
  let length = 0
  const { promise: isWhole, resolve } = Promise.withResolvers<void>()
  if (expected === 0) resolve()
  return {
    add: (chunk) => {
      chunks.push(chunk)
      length += chunk.length
      if (length >= expected) resolve()
    },
    end: () => resolve(),
    hex: () => Buffer.concat(chunks).toString('hex'),
    isWhole,
  }
}

test('over TCP and over WebSocket, in pieces of any size, the answer is the same', async () => {
  // what is kept would be there for the next one: nothing is, and the CONNECT stays as it is
  const fleeting = fc
    .tuple(version, fc.array(packet, { maxLength: 6 }), fc.option(changes, { nil: [] }))
    .map(([protocol, all, how]) => {
      const begin = written(connectPacket(protocol, { clientId: 'c' }), protocol)
      const rest = all.map((each) => written('retain' in each ? { ...each, retain: false } : each, protocol))
      return Buffer.concat([begin, changed(rest, how)])
    })
  await fc.assert(
    fc.asyncProperty(fleeting, fc.integer({ min: 1, max: 20 }), async (bytes, size) => {
      const { bytes: expected } = await answerTo([bytes], true)
      for (const say of [answerOverTcp, answerOverWebSocket])
        for (const each of [bytes.length, size])
          assert.equal(await say(bytes, each, expected.length / 2), expected, `${say.name} by ${each}`)
    }),
    RUN,
  )
})
